// What acts on the cluster: Kubernetes' own controllers as far as Deployments need them, kwok's pods, and Flux. All run out of the
// cluster, with a kubeconfig of one context.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fakeNodeLabel } from './fakeNode';
import { drawPorts } from './ports';
import type { Processes, ProgramToRun } from './processes';
import type { ProgramName, Programs } from './programs';
import { isServing } from './reach';

export interface ControllersToStart {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly programs: Programs;
  readonly processes: Processes;
}

type FluxController = Extract<ProgramName, `${string}-controller`> & `${'source' | 'kustomize' | 'image-'}${string}`;

const kubernetesLoops = ['deployment', 'replicaset', 'namespace', 'garbage-collector'].map(
  (loop) => `${loop}-controller`,
);

/** Deployments become ReplicaSets and pods, namespaces end, what belongs to nobody is removed. */
export async function startKubernetesControllers(toStart: ControllersToStart): Promise<void> {
  const { folder, kubeconfig, programs, processes } = toStart;
  const [port = 0] = await drawPorts(1);
  await processes.start({
    name: 'kube-controller-manager',
    program: programs.path('kube-controller-manager'),
    args: [
      `--kubeconfig=${kubeconfig}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--cert-dir=${join(folder, 'controller-manager')}`,
      `--controllers=${kubernetesLoops.join(',')}`,
      '--leader-elect=false',
      '--use-service-account-credentials=false',
      '--authentication-skip-lookup=true',
      '--profiling=false',
    ],
    // Its certificate is made at its start and known to nobody; /healthz needs no login.
    isReady: () => isServing(`https://127.0.0.1:${port}/healthz`, { isTrusted: true }),
  });
}

export async function startFakePods({ kubeconfig, programs, processes }: ControllersToStart): Promise<void> {
  const [port = 0] = await drawPorts(1);
  await processes.start({
    name: 'kwok',
    program: programs.path('kwok'),
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--config=${join(__dirname, 'manifests', 'stages.yaml')}`,
      '--manage-all-nodes=false',
      `--manage-nodes-with-label-selector=${fakeNodeLabel}`,
      '--node-ip=127.0.0.1',
      '--node-lease-duration-seconds=0',
      `--server-address=127.0.0.1:${port}`,
    ],
    isReady: () => isServing(`http://127.0.0.1:${port}/healthz`),
  });
}

export async function startFlux(toStart: ControllersToStart): Promise<void> {
  const { folder, processes } = toStart;
  const [artifacts = 0] = await drawPorts(1);
  const storage = (name: string): string => `--storage-path=${join(folder, name)}`;
  const address = `127.0.0.1:${artifacts}`;
  const own: Readonly<Record<FluxController, readonly string[]>> = {
    'source-controller': [storage('artifacts'), `--storage-addr=${address}`, `--storage-adv-addr=${address}`],
    // Whoever waits for the health of what was applied keeps a worker: teams side by side would wait for each other.
    'kustomize-controller': ['--no-remote-bases=true', '--concurrent=40'],
    'image-reflector-controller': [storage('tags')],
    'image-automation-controller': [],
  };
  for (const name of ['artifacts', 'tags']) await mkdir(join(folder, name));
  const names = Object.keys(own) as FluxController[];
  const described = await Promise.all(names.map((name) => describe(toStart, name, own[name])));
  await Promise.all(described.map((toRun) => processes.start(toRun)));
}

async function describe(
  { folder, kubeconfig, programs }: ControllersToStart,
  name: FluxController,
  args: readonly string[],
): Promise<ProgramToRun> {
  const [metrics, health] = await drawPorts(2);
  const shared = [
    `--metrics-addr=127.0.0.1:${metrics}`,
    `--health-addr=127.0.0.1:${health}`,
    '--events-addr=',
    '--watch-all-namespaces=true',
  ];
  return {
    name,
    program: programs.path(name),
    args: [...args, ...shared],
    env: { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: 'flux-system', TMPDIR: folder },
    isReady: () => isServing(`http://127.0.0.1:${health}/readyz`),
  };
}
