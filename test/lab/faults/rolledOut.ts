// rolled out: the workload runs the written tag, or its pods say why not.
import { type Json, type JsonObject, listAt, objectAt, textAt } from '../../../src/lab/cluster/json';
import { type Draft, type Plot, podNames, tag1 } from './plot';
import { apps, deployment, edit, type FaultRow, overlay } from './row';

/** A tag that no policy selects. */
function other(draft: Draft): void {
  draft.tags = [...draft.tags, 'other-1'];
}

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
    name: 'rollout stuck: quota',
    link: 'rolled out',
    code: 'quota',
    part: 'workload',
    isHealthyFirst: true,
    inject: async (plot) => {
      const quotas = `/api/v1/namespaces/${plot.draft.namespace}/resourcequotas`;
      const hard = { pods: '1' };
      const metadata = { name: 'small', namespace: plot.draft.namespace };
      await plot.field.api.create(quotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard } });
      // What counts is the status; the controller that counts does not run in the real control plane.
      await plot.field.api.patch(`${quotas}/small/status`, { status: { hard, used: hard } });
      await plot.push('One more label', {
        [deployment]: (text) => text.replace('        app: backend\n', "        app: backend\n        more: 'yes'\n"),
      });
    },
  },
  {
    name: 'rollout stuck: no node',
    link: 'rolled out',
    code: 'unschedulable',
    part: 'workload',
    isHealthyFirst: true,
    inject: (plot) =>
      patchPods(plot, { ready: false }, [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' },
      ]),
  },
  {
    name: 'rollout paused',
    link: 'rolled out',
    code: 'rollout-paused',
    part: 'workload',
    isHealthyFirst: true,
    inject: (plot) => plot.patch('Deployment', { spec: { paused: true } }, 'kubectl-rollout'),
  },
  {
    name: 'nothing wrong, only waiting: the workload was deleted',
    link: 'rolled out',
    code: 'workload-missing',
    part: 'workload',
    isHealthyFirst: true,
    inject: (plot) => plot.field.api.remove(plot.path('Deployment')),
  },
  {
    name: 'drifted',
    link: 'rolled out',
    code: 'workload-drifted',
    part: 'workload',
    isHealthyFirst: true,
    draft: other,
    inject: (plot) => setImage(plot, `${plot.draft.image}:other-1`),
  },
  {
    name: 'drifted: the same tag of another image',
    link: 'rolled out',
    code: 'workload-drifted',
    part: 'workload',
    isHealthyFirst: true,
    inject: async (plot) => {
      await plot.pushTag(tag1, `${plot.draft.image}-mirror`);
      await setImage(plot, `${plot.draft.image}-mirror:${tag1}`);
    },
  },
  {
    name: 'drifted: an init container of the image',
    link: 'rolled out',
    code: 'workload-drifted',
    part: 'workload',
    isHealthyFirst: true,
    draft: (draft) => {
      other(draft);
      edit(
        deployment,
        '      containers:',
        `      initContainers:\n        - name: migrate\n          image: ${draft.image}\n      containers:`,
      )(draft);
    },
    inject: (plot) =>
      plot.patch(
        'Deployment',
        {
          spec: { template: { spec: { initContainers: [{ name: 'migrate', image: `${plot.draft.image}:other-1` }] } } },
        },
        'kubectl-set',
      ),
  },
  {
    name: 'drifted, and Flux is told to leave it alone',
    link: 'rolled out',
    code: 'workload-left-alone',
    part: 'workload',
    isHealthyFirst: true,
    draft: other,
    inject: async (plot) => {
      const annotations = { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' };
      await setImage(plot, `${plot.draft.image}:other-1`, { annotations });
      await plot.push('Something else', { 'notes.txt': () => 'next' });
    },
  },
  {
    name: 'the Kustomization in the cluster puts the workload into another namespace',
    link: 'rolled out',
    code: 'workload-missing',
    part: 'workload',
    isHealthyFirst: true,
    inject: async (plot) => {
      const other = `${plot.draft.namespace}-other`;
      await plot.create(`apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${other}\n`);
      await plot.patch('Kustomization', { spec: { targetNamespace: other } });
    },
  },
  {
    name: 'two Kustomizations apply the workload',
    link: 'rolled out',
    code: 'workload-overwritten',
    part: 'workload',
    isHealthyFirst: true,
    draft: other,
    inject: async (plot) => {
      const { files } = plot.draft;
      const pinned = (files[overlay] ?? '').replace(/newTag: .*/, 'newTag: other-1');
      await plot.push('The way of old', {
        'legacy/deployment.yaml': () => files[deployment] ?? '',
        'legacy/kustomization.yaml': () => pinned,
      });
      // It looks more often, so it is the last to write.
      const legacy = (files[apps] ?? '')
        .replace('name: backend', 'name: legacy')
        .replace('./apps/production', './legacy')
        .replace('interval: 10m', 'interval: 10s');
      await plot.create(legacy);
    },
  },
];

/** The image of the Deployment's container is another, by a field manager of its own. */
async function setImage(plot: Plot, image: string, metadata: JsonObject = {}): Promise<void> {
  const containers = [{ name: 'backend', image }];
  await plot.patch('Deployment', { metadata, spec: { template: { spec: { containers } } } }, 'kubectl-set');
}

/** What a kubelet says of the container, and that the pod is not ready. */
async function patchPods(plot: Plot, status: JsonObject, more: readonly JsonObject[] = []): Promise<void> {
  for (const name of await podNames(plot)) {
    const path = plot.path('Pod', name);
    const pod = await plot.field.api.get(path);
    const containerStatuses = listAt(pod, 'status', 'containerStatuses').map((one) => ({
      ...objectAt(one),
      ...status,
    }));
    const isNew = (one: Json): boolean => !more.some(({ type }) => type === textAt(one, 'type'));
    const before = listAt(pod, 'status', 'conditions').filter(isNew);
    const conditions = [
      ...before.map((one) => ({
        ...objectAt(one),
        ...(textAt(one, 'type')?.endsWith('Ready') === true ? { status: 'False' } : {}),
      })),
      ...more,
    ];
    await plot.field.api.patch(`${path}/status`, { status: { containerStatuses, conditions } }, 'kubelet');
  }
}
