// Which lists kustomize merges by key: the patch strategies of its built-in schema (kyaml openapi, Kubernetes 1.21).
// Kinds that the schema does not know, custom resources among them, have none: their lists are replaced.

export interface ListPosition {
  readonly apiVersion: string;
  readonly kind: string;
  /** Field names from the root; list items add nothing. */
  readonly path: readonly string[];
}

const podSpecs: Readonly<Record<string, string>> = {
  'apps/v1 DaemonSet': 'spec.template.spec',
  'apps/v1 Deployment': 'spec.template.spec',
  'apps/v1 ReplicaSet': 'spec.template.spec',
  'apps/v1 StatefulSet': 'spec.template.spec',
  'batch/v1 CronJob': 'spec.jobTemplate.spec.template.spec',
  'batch/v1 Job': 'spec.template.spec',
  'batch/v1beta1 CronJob': 'spec.jobTemplate.spec.template.spec',
  'v1 Pod': 'spec',
  'v1 PodTemplate': 'template.spec',
  'v1 ReplicationController': 'spec.template.spec',
};

const container: Readonly<Record<string, readonly string[]>> = {
  env: ['name'],
  ports: ['containerPort', 'protocol'],
  volumeDevices: ['devicePath'],
  volumeMounts: ['mountPath'],
};

const ephemeralContainer: Readonly<Record<string, readonly string[]>> = {
  env: ['name'],
  volumeDevices: ['devicePath'],
  volumeMounts: ['mountPath'],
};

const podSpec: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  ephemeralContainers: ['name'],
  hostAliases: ['ip'],
  imagePullSecrets: ['name'],
  initContainers: ['name'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  volumes: ['name'],
  ...under('containers', container),
  ...under('initContainers', container),
  ...under('ephemeralContainers', ephemeralContainer),
};

function under(
  prefix: string,
  lists: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(lists).map(([name, keys]) => [`${prefix}.${name}`, keys]));
}

const others: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'v1 Service': { 'spec.ports': ['port', 'protocol'] },
  'v1 ServiceAccount': { secrets: ['name'] },
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration': { webhooks: ['name'] },
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration': { webhooks: ['name'] },
  'admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration': { webhooks: ['name'] },
  'admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration': { webhooks: ['name'] },
};

/** An empty list of keys means a set of scalars; undefined that the list is replaced as a whole. */
export function mergeKeysOf({ apiVersion, kind, path }: ListPosition): readonly string[] | undefined {
  const type = `${apiVersion} ${kind}`;
  const at = path.join('.');
  const spec = podSpecs[type];
  if (spec !== undefined) {
    if (at === 'metadata.finalizers') return [];
    if (at === 'metadata.ownerReferences') return ['uid'];
    return at.startsWith(`${spec}.`) ? podSpec[at.slice(spec.length + 1)] : undefined;
  }
  return others[type]?.[at];
}
