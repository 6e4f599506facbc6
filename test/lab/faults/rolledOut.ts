// rolled out: the workload runs the written tag, or its pods say why not.
import { type JsonObject, listAt, objectAt, textAt } from '../../../src/lab/cluster/json';
import { type Plot, podNames } from './plot';
import { deployment, type FaultRow } from './row';

export const rolledOutFaults: readonly FaultRow[] = [
  {
    name: 'rollout stuck: pull error',
    link: 'rolled out',
    code: 'image-pull',
    part: 'workload',
    isHealthyFirst: true,
    inject: (plot) =>
      plot.push('A sidecar', {
        [deployment]: (text) => `${text}        - name: sidecar\n          image: ${plot.draft.image}-broken:1\n`,
      }),
  },
  {
    name: 'rollout stuck: crash',
    link: 'rolled out',
    code: 'crash-loop',
    part: 'workload',
    isHealthyFirst: true,
    inject: async (plot) => {
      const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' };
      await patchPods(plot, {
        state: { waiting },
        ready: false,
        restartCount: 4,
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      });
    },
  },
  {
    name: 'rollout stuck: configuration',
    link: 'rolled out',
    code: 'container-config',
    part: 'workload',
    isHealthyFirst: true,
    inject: (plot) =>
      patchPods(plot, {
        state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "db" not found' } },
        ready: false,
      }),
  },
  {
    name: 'rollout stuck: readiness',
    link: 'rolled out',
    code: 'not-ready',
    part: 'workload',
    isHealthyFirst: true,
    inject: async (plot) => {
      await patchPods(plot, { ready: false });
    },
  },
  {
    name: 'drifted',
    link: 'rolled out',
    code: 'workload-drifted',
    part: 'workload',
    isHealthyFirst: true,
    draft: (draft) => {
      draft.tags = [...draft.tags, 'other-1'];
    },
    inject: (plot) =>
      plot.patch(
        'Deployment',
        { spec: { template: { spec: { containers: [{ name: 'backend', image: `${plot.draft.image}:other-1` }] } } } },
        'kubectl-set',
      ),
  },
];

/** What a kubelet says of the container, and that the pod is not ready. */
async function patchPods(plot: Plot, status: JsonObject): Promise<void> {
  for (const name of await podNames(plot)) {
    const path = plot.path('Pod', name);
    const pod = await plot.field.api.get(path);
    const containerStatuses = listAt(pod, 'status', 'containerStatuses').map((one) => ({
      ...objectAt(one),
      ...status,
    }));
    const conditions = listAt(pod, 'status', 'conditions').map((one) => ({
      ...objectAt(one),
      ...(textAt(one, 'type')?.endsWith('Ready') === true ? { status: 'False' } : {}),
    }));
    await plot.field.api.patch(`${path}/status`, { status: { containerStatuses, conditions } }, 'kubelet');
  }
}
