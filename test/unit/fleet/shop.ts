// A small team as data: one service, staging and production, with everything that its facts can say. Tests change one part.

import { decodeFluxObject } from '../../../src/manifests/fluxObjects';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import { decodeDeployment, decodePod, decodeReplicaSet } from '../../../src/manifests/workloads';
import type { ClusterFacts, Commit, Facts, ForgeFacts, RegistryImage, TagChange } from '../../../src/model/facts';
import { historyKey } from '../../../src/model/facts';
import type { FluxKind } from '../../../src/model/flux';
import { known, type Reading } from '../../../src/model/reading';
import { defaultSettings } from '../../../src/model/settings';

export const now = Date.UTC(2026, 10, 23, 12);
export const minute = 60_000;
export const image = 'ghcr.io/acme/backend';

export const tags = {
  staging2: 'staging-v0.0.2-aaaaaa2-1700000200',
  staging1: 'staging-v0.0.1-aaaaaa1-1700000100',
  production1: 'production-v0.0.1-aaaaaa1-1700000100',
  production0: 'production-v0.0.0-aaaaaa0-1700000000',
} as const;

/** `lines` of an ImagePolicy's `filterTags` may be replaced to plant a fault. */
export function shopFiles(pattern = '^production-v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$'): Record<string, string> {
  const files: Record<string, string> = {
    'apps/base/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: backend
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: app
          image: ${image}:latest
`,
    'apps/base/kustomization.yaml': 'resources:\n  - deployment.yaml\n',
    'clusters/lab/images.yaml': `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata:
  name: backend
  namespace: flux-system
spec:
  image: ${image}
  interval: 5s
`,
    'clusters/lab/sync.yaml': `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  url: http://127.0.0.1:1/flux.git
  interval: 5s
  ref:
    branch: main
`,
  };
  const written = { staging: tags.staging2, production: tags.production1 };
  const patterns = { staging: '^staging-v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$', production: pattern };
  for (const environment of ['staging', 'production'] as const) {
    files[`apps/${environment}/kustomization.yaml`] = `namespace: ${environment}
resources:
  - ../base
  - image.yaml
images:
  - name: ${image}
    newTag: ${written[environment]} # {"$imagepolicy": "${environment}:backend:tag"}
`;
    files[`apps/${environment}/image.yaml`] = `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: backend
spec:
  imageRepositoryRef:
    name: backend
    namespace: flux-system
  filterTags:
    pattern: '${patterns[environment]}'
    extract: $ts
  policy:
    numerical:
      order: asc
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata:
  name: backend
spec:
  interval: 5s
  sourceRef:
    kind: GitRepository
    name: flux-system
    namespace: flux-system
  git:
    commit:
      author:
        name: bot
        email: bot@example.com
    push:
      branch: main
  update:
    path: ./apps/${environment}
    strategy: Setters
`;
    files[`clusters/lab/${environment}.yaml`] = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps-${environment}
  namespace: flux-system
spec:
  path: ./apps/${environment}
  prune: true
  interval: 1m
  sourceRef:
    kind: GitRepository
    name: flux-system
`;
  }
  return files;
}

export const tip = 'c'.repeat(40);

export function commit(hash: string, minutesAgo: number, name = 'bot'): Commit {
  const subject = `commit ${hash.slice(0, 7)}`;
  const author = { name, email: `${name}@example.com` };
  return { hash, author, at: now - minutesAgo * minute, subject, message: subject, parents: [] };
}

export function change(to: string, from: string | undefined, made: Commit): TagChange {
  const file = 'apps/production/kustomization.yaml';
  return { commit: made, file, to, otherFiles: [], ...(from === undefined ? {} : { from }) };
}

export const productionHistory: readonly TagChange[] = [
  change(tags.production1, tags.production0, commit('b'.repeat(40), 60)),
  change(tags.production0, undefined, commit('a'.repeat(40), 600)),
];

function ready(reason: string, message: string, status = 'True'): object {
  return { type: 'Ready', status, reason, message, lastTransitionTime: new Date(now - minute).toISOString() };
}

/** What the cluster of a healthy shop says, by kind; `change` replaces objects by `kind namespace/name`. */
export function shopObjects(): readonly Record<string, unknown>[] {
  const revision = `main@sha1:${tip}`;
  const common = (kind: string, namespace: string, name: string) => ({
    kind,
    metadata: { name, namespace, generation: 1, uid: `${kind}-${namespace}-${name}` },
  });
  const environments = ['staging', 'production'].flatMap((environment) => {
    const tag = environment === 'staging' ? tags.staging2 : tags.production1;
    const deployment = common('Deployment', environment, 'backend');
    const container = { name: 'app', image: `${image}:${tag}` };
    return [
      {
        apiVersion: 'image.toolkit.fluxcd.io/v1',
        ...common('ImagePolicy', environment, 'backend'),
        spec: {
          imageRepositoryRef: { name: 'backend', namespace: 'flux-system' },
          filterTags: { pattern: `^${environment}-v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$`, extract: '$ts' },
          policy: { numerical: { order: 'asc' } },
        },
        status: { observedGeneration: 1, latestRef: { name: image, tag }, conditions: [ready('Succeeded', 'ok')] },
      },
      {
        apiVersion: 'image.toolkit.fluxcd.io/v1',
        ...common('ImageUpdateAutomation', environment, 'backend'),
        spec: {
          interval: '5s',
          sourceRef: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' },
          git: { commit: { author: { email: 'bot@example.com' } }, push: { branch: 'main' } },
          update: { path: `./apps/${environment}`, strategy: 'Setters' },
        },
        status: { observedGeneration: 1, conditions: [ready('Succeeded', 'repository up-to-date')] },
      },
      {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        ...common('Kustomization', 'flux-system', `apps-${environment}`),
        spec: {
          path: `./apps/${environment}`,
          interval: '1m',
          prune: true,
          sourceRef: { kind: 'GitRepository', name: 'flux-system' },
        },
        status: {
          observedGeneration: 1,
          lastAppliedRevision: revision,
          lastAttemptedRevision: revision,
          conditions: [ready('ReconciliationSucceeded', `Applied revision: ${revision}`)],
        },
      },
      {
        apiVersion: 'apps/v1',
        ...deployment,
        spec: { replicas: 2, template: { spec: { containers: [container] } } },
        status: {
          observedGeneration: 1,
          replicas: 2,
          updatedReplicas: 2,
          readyReplicas: 2,
          availableReplicas: 2,
          conditions: [
            { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: '' },
            { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: '' },
          ],
        },
      },
    ];
  });
  return [
    ...environments,
    {
      apiVersion: 'image.toolkit.fluxcd.io/v1',
      ...common('ImageRepository', 'flux-system', 'backend'),
      spec: { image, interval: '5s' },
      status: {
        observedGeneration: 1,
        lastScanResult: { tagCount: 4, scanTime: new Date(now - minute).toISOString() },
        conditions: [ready('Succeeded', 'successful scan')],
      },
    },
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      ...common('GitRepository', 'flux-system', 'flux-system'),
      spec: { url: 'http://127.0.0.1:1/flux.git', interval: '5s', ref: { branch: 'main' } },
      status: { observedGeneration: 1, artifact: { revision }, conditions: [ready('Succeeded', 'stored artifact')] },
    },
  ];
}

export function clusterOf(objects: readonly Record<string, unknown>[]): ClusterFacts {
  const flux = objects.flatMap((object) => decodeFluxObject(object) ?? []);
  const fluxOf = <K extends FluxKind['kind']>(kind: K) =>
    known(
      flux.filter((one): one is Extract<FluxKind, { kind: K }> => one.kind === kind),
      now,
    );
  const workloadOf = <T>(kind: string, decode: (object: unknown) => T | undefined) =>
    known(
      objects.filter((object) => object['kind'] === kind).flatMap((object) => decode(object) ?? []),
      now,
    );
  return {
    context: 'lab',
    gitRepositories: fluxOf('GitRepository'),
    kustomizations: fluxOf('Kustomization'),
    imageRepositories: fluxOf('ImageRepository'),
    imagePolicies: fluxOf('ImagePolicy'),
    imageUpdateAutomations: fluxOf('ImageUpdateAutomation'),
    deployments: workloadOf('Deployment', decodeDeployment),
    replicaSets: workloadOf('ReplicaSet', decodeReplicaSet),
    pods: workloadOf('Pod', decodePod),
  };
}

export interface Shop {
  readonly files?: Record<string, string>;
  readonly objects?: readonly Record<string, unknown>[];
  readonly registry?: Reading<RegistryImage>;
  readonly forge?: Reading<ForgeFacts>;
  readonly history?: readonly TagChange[];
  readonly recent?: readonly string[];
  readonly protectedEnvironment?: string;
}

export const shopForge: ForgeFacts = {
  forge: { title: 'GitHub', isExperimental: false, lacks: [] },
  mayWrite: true,
  owner: 'acme',
  repository: 'backend',
  defaultBranch: 'main',
  workflows: [
    {
      name: 'Promote to production',
      path: '.github/workflows/promote-production.yml',
      inputs: [{ name: 'staging_tag', description: '', isRequired: true, type: 'string', options: [] }],
    },
  ],
  runs: [],
  commits: [],
};

/** A healthy shop, but for what is given. */
export function shopFacts(shop: Shop = {}): Facts {
  const files = shop.files ?? shopFiles();
  const setter = 'production:backend:tag';
  const digests = new Map(Object.values(tags).map((tag) => [tag, known(`sha256:${tag.slice(-4).repeat(16)}`, now)]));
  return {
    settings: {
      ...defaultSettings,
      environments:
        shop.protectedEnvironment === undefined
          ? []
          : [
              { name: 'staging', namespaces: ['staging'], paths: [], kustomizations: [], isProtected: false },
              {
                name: shop.protectedEnvironment,
                namespaces: ['production'],
                paths: [],
                kustomizations: [],
                isProtected: true,
              },
            ],
    },
    contexts: new Map(),
    defaultContext: 'lab',
    repositories: [
      {
        folder: '/work/shop',
        remote: { name: 'origin', url: 'http://127.0.0.1:1/flux.git' },
        branch: 'main',
        content: known(
          {
            commit: commit(tip, 5),
            recent: shop.recent ?? [tip, 'b'.repeat(40), 'a'.repeat(40)],
            manifests: readManifests(treeOf(files)),
            files: new Map(Object.entries(files)),
          },
          now,
        ),
        histories: new Map([
          [historyKey('apps/production/kustomization.yaml', setter), known(shop.history ?? productionHistory, now)],
        ]),
        isShallow: false,
      },
    ],
    clusters: new Map([['lab', clusterOf(shop.objects ?? shopObjects())]]),
    registry: new Map([[image, shop.registry ?? known({ tags: Object.values(tags), digests }, now)]]),
    forges: new Map([[image, shop.forge ?? known(shopForge, now)]]),
  };
}

/** The objects with one of them changed: `edit(objects, 'ImagePolicy production/backend', o => …)`. */
export function editObject(
  objects: readonly Record<string, unknown>[],
  which: string,
  edit: (object: Record<string, unknown>) => Record<string, unknown>,
): readonly Record<string, unknown>[] {
  return objects.map((object) => {
    const { name, namespace } = object['metadata'] as { name: string; namespace: string };
    return `${String(object['kind'])} ${namespace}/${name}` === which ? edit(object) : object;
  });
}
