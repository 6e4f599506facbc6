// Another cluster in the place of the stack's own API server, for people with kind: only when file and context are both named.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type KubeApi, kubeApi } from './kubeApi';
import { kubectl } from './kubectl';
import { drawPorts } from './ports';
import type { Processes } from './processes';
import type { Programs } from './programs';
import { isServing } from './reach';
import type { Cluster } from './stackState';

export interface ClusterName {
  readonly kubeconfig: string;
  readonly context: string;
}

/** Undefined where none is named. Throws one sentence where only half of it is. */
export function namedCluster(environment: Readonly<Record<string, string | undefined>>): ClusterName | undefined {
  const kubeconfig = environment['FLUX_PROMOTE_LIVE_KUBECONFIG'] ?? '';
  const context = environment['FLUX_PROMOTE_LIVE_CONTEXT'] ?? '';
  if (kubeconfig === '' && context === '') return undefined;
  if (kubeconfig !== '' && context !== '') return { kubeconfig, context };
  const [given, missing] = kubeconfig === '' ? ['CONTEXT', 'KUBECONFIG'] : ['KUBECONFIG', 'CONTEXT'];
  throw new Error(
    `FLUX_PROMOTE_LIVE_${given} is set and FLUX_PROMOTE_LIVE_${missing} is not: the tests write to that cluster, so both must name it. Set the other, or neither.`,
  );
}

export interface ClusterToReach {
  readonly name: ClusterName;
  readonly folder: string;
  readonly programs: Programs;
  readonly processes: Processes;
}

/**
 * Reached as kubectl reaches it, whatever login it takes. Throws where Flux runs in it already: two sets of controllers on the same
 * objects would prove nothing and disturb the other.
 */
export async function reachNamedCluster({ name, folder, programs, processes }: ClusterToReach): Promise<Cluster> {
  const kubeconfig = join(folder, 'named.kubeconfig');
  const view = ['config', 'view', '--minify', '--flatten', '--raw'];
  await writeFile(kubeconfig, await kubectl(programs.path('kubectl'), name)(view), { mode: 0o600 });
  const { context } = name;
  const [port = 0] = await drawPorts(1);
  const server = `http://127.0.0.1:${port}`;
  await processes.start({
    name: 'kubectl-proxy',
    program: programs.path('kubectl'),
    args: ['proxy', `--kubeconfig=${kubeconfig}`, `--context=${context}`, `--port=${port}`],
    isReady: () => isServing(`${server}/readyz`),
  });
  await refuseFlux(kubeApi({ server }), context);
  return { kubeconfig, context, userKubeconfigs: {}, access: { server } };
}

async function refuseFlux(api: KubeApi, context: string): Promise<void> {
  const deployments = await api.list('/apis/apps/v1/deployments?labelSelector=app.kubernetes.io%2Fpart-of%3Dflux');
  if (deployments.length > 0) {
    throw new Error(
      `Flux runs in the context ${context} already. The live tests bring their own controllers: name a cluster without Flux.`,
    );
  }
}
