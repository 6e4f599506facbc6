// A large fleet straight into etcd, past the API: some 20,000 objects in seconds. The API server reads JSON where it would itself
// have written protobuf, and needs no restart.
import { createHash } from 'node:crypto';
import { askEtcd, encodeBytes } from './etcd';

export interface FleetSize {
  /** Each has a Deployment and an ImagePolicy in each environment, and an ImageRepository. */
  readonly services: number;
  /** Of all kinds of Flux; what the services do not fill, are Kustomizations and automations. */
  readonly fluxObjects: number;
  readonly pods: number;
}

/** The size that the figures of the bench are for: 3,000 Deployments. */
export const largeFleet: FleetSize = { services: 1_000, fluxObjects: 5_000, pods: 10_000 };

export const seededEnvironments = ['develop', 'staging', 'production'] as const;
const servicesOfTeam = 50;
const tag = 'v1.0.0-0123abc-1770000000';
const createdAt = '2026-11-01T08:00:00Z';

interface Seed {
  readonly apiVersion: string;
  readonly kind: string;
  /** Of the resource in etcd, below `/registry`. */
  readonly key: string;
  readonly namespace?: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly owner?: Seed;
  readonly spec: object;
  readonly status: object;
}

/** The namespace of a service in an environment: `develop-team-3`. */
export function seededNamespace(service: number, environment: string): string {
  return `${environment}-team-${Math.floor(service / servicesOfTeam)}`;
}

export function seededService(service: number): string {
  return `service-${service}`;
}

/** The key of an object in etcd: `/registry/deployments/develop-team-3/service-150`. */
function keyOf({ key, namespace, name }: Seed): string {
  return ['/registry', key, ...(namespace === undefined ? [] : [namespace]), name].join('/');
}

/** The objects of the fleet, those first that others lie in. */
export function describeObjects(size: FleetSize): readonly object[] {
  return describeFleet(size).map(objectOf);
}

/** How many objects were written. Throws where etcd refuses. */
export async function seedFleet(etcd: string, size: FleetSize = largeFleet): Promise<number> {
  const seeds = describeFleet(size);
  const batch = 100; // etcd takes 128 operations in a transaction
  for (let at = 0; at < seeds.length; at += batch) {
    const success = seeds.slice(at, at + batch).map((seed) => ({
      requestPut: { key: encodeBytes(keyOf(seed)), value: encodeBytes(JSON.stringify(objectOf(seed))) },
    }));
    await askEtcd(etcd, 'kv/txn', { success });
  }
  return seeds.length;
}

function objectOf({ apiVersion, kind, namespace, name, labels, owner, spec, status }: Seed): object {
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    uid: uidOf(`${kind}/${namespace}/${name}`),
    creationTimestamp: createdAt,
    generation: 1,
    ...(owner === undefined ? {} : { ownerReferences: [ownerReference(owner)] }),
  };
  return { apiVersion, kind, metadata, spec, status };
}

function ownerReference({ apiVersion, kind, namespace, name }: Seed): object {
  return { apiVersion, kind, name, uid: uidOf(`${kind}/${namespace}/${name}`), controller: true };
}

function uidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

function describeFleet({ services, fluxObjects, pods }: FleetSize): readonly Seed[] {
  const numbers = Array.from({ length: services }, (_, service) => service);
  const placed = numbers.flatMap((service) => seededEnvironments.map((environment) => ({ service, environment })));
  const namespaces = [...new Set(placed.map(({ service, environment }) => seededNamespace(service, environment)))];
  const podsOf = (index: number): number =>
    Math.floor(((index + 1) * pods) / placed.length) - Math.floor((index * pods) / placed.length);
  const rest = fluxObjects - services - placed.length - 1;
  return [
    ...['flux-system', ...namespaces].map(namespace),
    ...numbers.map(imageRepository),
    ...placed.map(({ service, environment }) => imagePolicy(service, environment)),
    gitRepository(),
    ...Array.from({ length: Math.ceil(rest / 2) }, (_, index) => kustomization(index)),
    ...Array.from({ length: Math.floor(rest / 2) }, (_, index) =>
      automation(index, namespaces[index % namespaces.length] ?? 'flux-system'),
    ),
    ...placed.flatMap(({ service, environment }, index) => workload(service, environment, podsOf(index))),
  ];
}

const ready = {
  observedGeneration: 1,
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'Succeeded',
      message: 'seeded',
      lastTransitionTime: createdAt,
      observedGeneration: 1,
    },
  ],
};

function namespace(name: string): Seed {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    key: 'namespaces',
    name,
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

function imageOf(service: number): string {
  return `registry.example.invalid/acme/${seededService(service)}`;
}

function imageRepository(service: number): Seed {
  return {
    apiVersion: 'image.toolkit.fluxcd.io/v1',
    kind: 'ImageRepository',
    key: 'image.toolkit.fluxcd.io/imagerepositories',
    namespace: 'flux-system',
    name: seededService(service),
    spec: { image: imageOf(service), interval: '5m', provider: 'generic' },
    status: { ...ready, canonicalImageName: imageOf(service), lastScanResult: { tagCount: 1, scanTime: createdAt } },
  };
}

function imagePolicy(service: number, environment: string): Seed {
  return {
    apiVersion: 'image.toolkit.fluxcd.io/v1',
    kind: 'ImagePolicy',
    key: 'image.toolkit.fluxcd.io/imagepolicies',
    namespace: seededNamespace(service, environment),
    name: seededService(service),
    spec: {
      imageRepositoryRef: { name: seededService(service), namespace: 'flux-system' },
      policy: { alphabetical: { order: 'asc' } },
      digestReflectionPolicy: 'Never',
    },
    status: { ...ready, latestRef: { name: imageOf(service), tag } },
  };
}

function gitRepository(): Seed {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    key: 'source.toolkit.fluxcd.io/gitrepositories',
    namespace: 'flux-system',
    name: 'flux-system',
    spec: { interval: '1m', timeout: '60s', url: 'https://git.example.invalid/flux.git', ref: { branch: 'main' } },
    status: ready,
  };
}

function kustomization(index: number): Seed {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    key: 'kustomize.toolkit.fluxcd.io/kustomizations',
    namespace: 'flux-system',
    name: `apps-${index}`,
    spec: {
      interval: '10m',
      path: `./apps/${index}`,
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      force: false,
    },
    status: ready,
  };
}

function automation(index: number, inNamespace: string): Seed {
  return {
    apiVersion: 'image.toolkit.fluxcd.io/v1',
    kind: 'ImageUpdateAutomation',
    key: 'image.toolkit.fluxcd.io/imageupdateautomations',
    namespace: inNamespace,
    name: `automation-${index}`,
    spec: {
      interval: '1m',
      sourceRef: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' },
      git: { commit: { author: { email: 'bot@example.invalid', name: 'bot' } }, push: { branch: 'main' } },
      update: { path: './apps', strategy: 'Setters' },
    },
    status: ready,
  };
}

function workload(service: number, environment: string, pods: number): readonly Seed[] {
  const name = seededService(service);
  const shared = { namespace: seededNamespace(service, environment), labels: { app: name } };
  const podSpec = {
    containers: [
      {
        name,
        image: `${imageOf(service)}:${tag}`,
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    nodeName: 'seeded',
  };
  const template = { metadata: { labels: { app: name } }, spec: { ...podSpec, nodeName: undefined } };
  const selector = { matchLabels: { app: name } };
  const counts = { replicas: pods, readyReplicas: pods, availableReplicas: pods, observedGeneration: 1 };
  const deployment: Seed = {
    ...shared,
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    key: 'deployments',
    name,
    spec: {
      replicas: pods,
      selector,
      template,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: { ...counts, updatedReplicas: pods },
  };
  const replicaSet: Seed = {
    ...shared,
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    key: 'replicasets',
    name: `${name}-1`,
    owner: deployment,
    spec: { replicas: pods, selector, template },
    status: counts,
  };
  const started = { running: { startedAt: createdAt } };
  return [
    deployment,
    replicaSet,
    ...Array.from(
      { length: pods },
      (_, index): Seed => ({
        ...shared,
        apiVersion: 'v1',
        kind: 'Pod',
        key: 'pods',
        name: `${name}-1-${index}`,
        owner: replicaSet,
        spec: podSpec,
        status: {
          phase: 'Running',
          startTime: createdAt,
          conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: createdAt }],
          containerStatuses: [
            {
              name,
              image: `${imageOf(service)}:${tag}`,
              imageID: '',
              ready: true,
              started: true,
              restartCount: 0,
              state: started,
            },
          ],
        },
      }),
    ),
  ];
}
