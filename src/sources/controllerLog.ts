import type { KubeReader } from '../base/kubernetes/client';
import { streamLog } from '../base/kubernetes/podLog';
import type { PodLog } from '../model/facts';
import { optional } from '../model/optional';
import { ProblemError } from '../model/problem';
import { readControllerPods } from './controllerPods';

const tailLines = 2000;
/** One of them leads and speaks. */
const mostPods = 3;

/** What there is now. Rejects with `controller-unseen` where no pod is to be seen, and with `cluster-…` problems. */
export async function readControllerLog(
  reader: Pick<KubeReader, 'list' | 'log'>,
  controller: string,
  signal: AbortSignal,
): Promise<readonly PodLog[]> {
  const pods = (await readControllerPods(reader, controller, signal)).slice(0, mostPods);
  if (pods.length === 0) {
    throw new ProblemError({ code: 'controller-unseen', message: `No pod of ${controller} is to be seen.` });
  }
  return await Promise.all(
    pods.map(async ({ meta, containers }) => {
      const container = containers.find(({ name }) => name === 'manager')?.name;
      const part = { tailLines, end: 'ended', ...optional('container', container) } as const;
      const lines: string[] = [];
      const source = { namespace: meta.namespace, pod: meta.name };
      for await (const line of streamLog(reader, source, part, signal)) lines.push(line);
      return { pod: meta.name, lines };
    }),
  );
}
