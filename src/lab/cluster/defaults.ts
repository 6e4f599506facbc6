// What the API server fills in when an object is written. A template must look the same however it came in, or every re-apply
// would look like a change. Sources: Kubernetes' API defaults (pkg/apis/{core,apps}/v1/defaults.go), Flux's CRD defaults.
import { isList, isObject, type Json, type JsonObject, objectAt, textAt, valueAt, withValueAt } from './json';
import type { KubeObject } from './object';

type Defaults = readonly (readonly [path: string, value: Json])[];

const byKind: Readonly<Record<string, Defaults>> = {
  Deployment: [
    ['spec.replicas', 1],
    ['spec.revisionHistoryLimit', 10],
    ['spec.progressDeadlineSeconds', 600],
    ['spec.strategy.type', 'RollingUpdate'],
  ],
  ReplicaSet: [['spec.replicas', 1]],
  Namespace: [['spec.finalizers', ['kubernetes']]],
  Secret: [['type', 'Opaque']],
  GitRepository: [['spec.timeout', '60s']],
  Kustomization: [['spec.force', false]],
  ImageRepository: [
    ['spec.provider', 'generic'],
    ['spec.exclusionList', ['^.*\\.sig$']],
  ],
  ImagePolicy: [['spec.digestReflectionPolicy', 'Never']],
  ImageUpdateAutomation: [
    ['spec.update', { strategy: 'Setters' }],
    ['spec.update.strategy', 'Setters'],
    ['spec.sourceRef.kind', 'GitRepository'],
  ],
};

/** Filled in only where the object above them is there. */
const optional: Readonly<Record<string, Defaults>> = {
  ImagePolicy: [
    ['spec.policy.alphabetical.order', 'asc'],
    ['spec.policy.numerical.order', 'asc'],
  ],
  ImageUpdateAutomation: [['spec.git.commit.signingKey.type', 'gpg']],
};

const podDefaults: Defaults = [
  ['restartPolicy', 'Always'],
  ['terminationGracePeriodSeconds', 30],
  ['dnsPolicy', 'ClusterFirst'],
  ['securityContext', {}],
  ['schedulerName', 'default-scheduler'],
];

const containerDefaults: Defaults = [
  ['resources', {}],
  ['terminationMessagePath', '/dev/termination-log'],
  ['terminationMessagePolicy', 'File'],
];

function fill<T extends JsonObject>(object: T, defaults: Defaults): T {
  return defaults.reduce((current, [path, value]) => {
    const steps = path.split('.');
    return valueAt(current, ...steps) === undefined ? withValueAt(current, steps, value) : current;
  }, object);
}

function containerWithDefaults(container: Json): Json {
  if (!isObject(container)) return container;
  const image = textAt(container, 'image') ?? '';
  const isMutable = /(?:^|\/)[^/:@]*(?::latest)?$/.test(image);
  const filled = fill(fill(container, containerDefaults), [['imagePullPolicy', isMutable ? 'Always' : 'IfNotPresent']]);
  if (!isList(filled['ports'])) return filled;
  const ports = filled['ports'].map((port) => (isObject(port) ? fill(port, [['protocol', 'TCP']]) : port));
  return { ...filled, ports };
}

function podWithDefaults(spec: JsonObject): JsonObject {
  const result: Record<string, Json | undefined> = { ...fill(spec, podDefaults) };
  for (const field of ['containers', 'initContainers']) {
    const list = result[field];
    if (isList(list)) result[field] = list.map(containerWithDefaults);
  }
  return result;
}

export function withDefaults(object: KubeObject): KubeObject {
  let result = fill(object, byKind[object.kind] ?? []);
  for (const [path, value] of optional[object.kind] ?? []) {
    const steps = path.split('.');
    if (isObject(valueAt(result, ...steps.slice(0, -1)))) result = fill(result, [[path, value]]);
  }
  if (object.kind === 'Deployment' && textAt(result, 'spec', 'strategy', 'type') === 'RollingUpdate') {
    result = fill(result, [
      ['spec.strategy.rollingUpdate.maxSurge', '25%'],
      ['spec.strategy.rollingUpdate.maxUnavailable', '25%'],
    ]);
  }
  if (object.kind === 'Deployment' || object.kind === 'ReplicaSet') {
    const spec = podWithDefaults(objectAt(result, 'spec', 'template', 'spec'));
    return withValueAt(result, ['spec', 'template', 'spec'], spec);
  }
  if (object.kind === 'Pod') return { ...result, spec: podWithDefaults(objectAt(result, 'spec')) };
  return result;
}

/** The status of an object that no controller has seen. Flux's CRDs say -1, so "never seen" is neither 0 nor missing. */
export function initialStatus(kind: { readonly kind: string; readonly isCustom: boolean }): JsonObject | undefined {
  if (kind.isCustom) return { observedGeneration: -1 };
  if (kind.kind === 'Pod') return { phase: 'Pending' };
  if (kind.kind === 'Namespace') return { phase: 'Active' };
  return kind.kind === 'ReplicaSet' ? { replicas: 0 } : {};
}
