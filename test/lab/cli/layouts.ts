// Repositories of the shapes that are met in public, and what stands where in each.
import {
  automation,
  deployment,
  type Files,
  fluxKustomization,
  helmRelease,
  imagePolicy,
  imageRepository,
  overlay,
} from './manifests';

export interface Layout {
  readonly name: string;
  readonly files: Files;
  /** `environment service image written file:line policy`, in promotion order. */
  readonly placements: readonly string[];
  /** Codes. */
  readonly problems?: readonly string[];
}

const backend = 'ghcr.io/acme/backend';
const frontend = 'ghcr.io/acme/frontend';

function forEach<T extends string>(environments: readonly T[], files: (environment: T) => Files): Files {
  return Object.assign({}, ...environments.map(files)) as Files;
}

const both: Files = {
  ...forEach(['develop', 'staging', 'production'], (name) => ({
    [`flux/apps/backend/${name}/kustomization.yaml`]: overlay(['app.yaml', 'policy.yaml'], `namespace: ${name}\n`),
    [`flux/apps/backend/${name}/app.yaml`]: deployment('backend', `${backend}:${name}-1`, `${name}:backend`),
    [`flux/apps/backend/${name}/policy.yaml`]: imagePolicy('backend', name, 'backend', `^${name}-`),
    [`flux/apps/frontend/overlays/${name}/kustomization.yaml`]: `${overlay(['../../base'], `namespace: ${name}\n`)}images:\n  - name: ${frontend}\n    newTag: ${name}-2 # {"$imagepolicy": "${name}:frontend:tag"}\n`,
    [`flux/clusters/main/${name}.yaml`]: fluxKustomization(`backend-${name}`, `./flux/apps/backend/${name}`),
  })),
  'flux/apps/frontend/base/kustomization.yaml': overlay(['app.yaml']),
  'flux/apps/frontend/base/app.yaml': deployment('frontend', `${frontend}:latest`),
  'flux/clusters/main/repositories.yaml': `${imageRepository('backend', backend)}---\n${imageRepository('frontend', frontend)}`,
};

const bothPlacements = ['develop', 'staging', 'production'].flatMap((name) => [
  `${name} backend ${backend} ${name}-1 flux/apps/backend/${name}/app.yaml:9 ${name}/backend`,
  `${name} frontend ${frontend} ${name}-2 flux/apps/frontend/overlays/${name}/kustomization.yaml:8 ${name}/frontend`,
]);

export const layouts: readonly Layout[] = [
  {
    name: 'the guide: everything in one folder',
    files: {
      'clusters/my-cluster/flux-system/gotk-sync.yaml': fluxKustomization('flux-system', './clusters/my-cluster'),
      'clusters/my-cluster/registry.yaml': imageRepository('podinfo', 'ghcr.io/stefanprodan/podinfo'),
      'clusters/my-cluster/policy.yaml': imagePolicy('podinfo', 'flux-system', 'podinfo'),
      'clusters/my-cluster/automation.yaml': automation('flux-system', './clusters/my-cluster'),
      'clusters/my-cluster/app.yaml': deployment(
        'podinfo',
        'ghcr.io/stefanprodan/podinfo:5.0.3',
        'flux-system:podinfo',
      ),
    },
    placements: [
      'my-cluster podinfo ghcr.io/stefanprodan/podinfo 5.0.3 clusters/my-cluster/app.yaml:9 flux-system/podinfo',
    ],
  },
  {
    name: 'a monorepo of base, staging and production',
    files: {
      'apps/base/podinfo/kustomization.yaml': overlay(['release.yaml'], 'namespace: podinfo\n'),
      'apps/base/podinfo/release.yaml': helmRelease('podinfo', 'podinfo', '6.0.0'),
      ...forEach(['staging', 'production'], (name) => ({
        [`clusters/${name}/apps.yaml`]: fluxKustomization('apps', `./apps/${name}`),
        [`apps/${name}/kustomization.yaml`]: `${overlay(['../base/podinfo'])}patches: [{ path: values.yaml }]\n`,
        [`apps/${name}/values.yaml`]: helmRelease('podinfo', 'podinfo', `${name}-6`, `flux-system:${name}`).replace(
          'name: podinfo }',
          'name: podinfo, namespace: podinfo }',
        ),
      })),
    },
    placements: [
      'staging podinfo podinfo staging-6 apps/staging/values.yaml:8 flux-system/staging',
      'production podinfo podinfo production-6 apps/production/values.yaml:8 flux-system/production',
    ],
  },
  {
    name: 'HelmReleases in folders of environments',
    files: forEach(['staging', 'production'], (name) => ({
      [`environments/${name}/helmrelease.yaml`]: helmRelease('rate', frontend, `${name}-11`, `flux-system:${name}`),
    })),
    placements: [
      `staging frontend ${frontend} staging-11 environments/staging/helmrelease.yaml:8 flux-system/staging`,
      `production frontend ${frontend} production-11 environments/production/helmrelease.yaml:8 flux-system/production`,
    ],
  },
  {
    name: 'a file for each environment',
    files: {
      'apps/am/api/image-repo.yaml': imageRepository('api', 'reg.example/am/api'),
      ...forEach(['demo', 'stg', 'prod'], (name) => ({
        [`apps/am/api/${name}.yaml`]: helmRelease('api', 'reg.example/am/api', `${name}-1`, `flux-system:api-${name}`),
      })),
    },
    placements: ['demo', 'stg', 'prod'].map(
      (name) => `${name} api reg.example/am/api ${name}-1 apps/am/api/${name}.yaml:8 flux-system/api-${name}`,
    ),
  },
  {
    name: 'overlays that take single files of other folders, as Flux lets them',
    files: {
      'apps/am/api/api.yaml': helmRelease('api', 'reg.example/am/api', 'v0'),
      ...forEach(['stg', 'prod'], (name) => ({
        [`apps/am/api/${name}.yaml`]: helmRelease('api', 'reg.example/am/api', `${name}-1`, `flux-system:api-${name}`),
        [`apps/am/${name}/kustomization.yaml`]: `${overlay(['../api/api.yaml'])}patches: [{ path: ../api/${name}.yaml }]\n`,
      })),
    },
    placements: ['stg', 'prod'].map(
      (name) => `${name} api reg.example/am/api ${name}-1 apps/am/api/${name}.yaml:8 flux-system/api-${name}`,
    ),
  },
  { name: 'two layouts side by side', files: both, placements: bothPlacements },
  {
    name: 'tags behind substituted variables, in two clusters',
    files: {
      'components/api/kustomization.yaml': overlay(['app.yaml']),
      'components/api/app.yaml': deployment('api', 'ghcr.io/acme/api:${API_TAG:=latest}', undefined, 'api'),
      'repositories.yaml': imageRepository('api', 'ghcr.io/acme/api'),
      ...forEach(['dev', 'prod'], (name) => ({
        [`clusters/${name}/api.yaml`]: fluxKustomization(
          'api',
          './components/api',
          `  postBuild:\n    substitute:\n      API_TAG: ${name}-1 # {"$imagepolicy": "flux-system:${name}:tag"}\n`,
        ),
        [`clusters/${name}/policy.yaml`]: imagePolicy(name, 'flux-system', 'api'),
      })),
    },
    placements: ['dev', 'prod'].map(
      (name) => `${name} api ghcr.io/acme/api ${name}-1 clusters/${name}/api.yaml:9 flux-system/${name}`,
    ),
  },
  {
    name: 'overlays without image automation',
    files: {
      'k8s/base/kustomization.yaml': overlay(['app.yaml']),
      'k8s/base/app.yaml': deployment('app', 'app'),
      ...forEach(['dev', 'prod'], (name) => ({
        [`k8s/overlays/${name}/kustomization.yaml`]: `${overlay(['../../base'])}images:\n  - { name: app, newName: ${backend}, newTag: "1.2-${name}" }\n`,
      })),
    },
    placements: ['dev', 'prod'].map(
      (name) => `${name} backend ${backend} 1.2-${name} k8s/overlays/${name}/kustomization.yaml:6 -`,
    ),
  },
  {
    name: 'two regions of production',
    files: forEach(['prod-us', 'staging', 'prod-eu'], (name) => ({
      [`apps/${name}/app.yaml`]: deployment('backend', `${backend}:${name}`),
    })),
    placements: ['staging', 'prod-eu', 'prod-us'].map(
      (name) => `${name} backend ${backend} ${name} apps/${name}/app.yaml:9 -`,
    ),
  },
  {
    name: 'plain Deployments in one folder',
    files: {
      'deploy/backend.yaml': deployment('backend', `${backend}:1.2.3`, undefined, 'shop'),
      'deploy/other.yaml': deployment('other', 'registry.example:5000/other@sha256:00', undefined, 'shop'),
    },
    placements: [
      `shop backend ${backend} 1.2.3 deploy/backend.yaml:9 -`,
      'shop other registry.example:5000/other - deploy/other.yaml:9 -',
    ],
  },
  {
    name: 'nothing of Flux and no workloads',
    files: {
      'README.md': 'hello\n',
      'docker-compose.yaml': 'services: { web: { image: nginx:1 } }\n',
      '.github/workflows/ci.yaml': 'jobs: { test: { container: { image: node:22 } } }\n',
      'charts/web/templates/app.yaml': deployment('web', '"{{ .Values.image }}:{{ .Values.tag }}"'),
    },
    placements: [],
  },
  {
    name: 'broken files among good ones',
    files: {
      ...both,
      'flux/clusters/main/broken.yaml': `${fluxKustomization('x', './x')}  broken: [\n`,
      'flux/other.yaml': 'a: [\n',
      'flux/binary.yaml': '\0\x01',
      'flux/apps/backend/notes.yaml': 'kind: Deployment\n\tspec: image: x\n',
    },
    placements: bothPlacements,
    problems: ['yaml-broken', 'yaml-broken'],
  },
  {
    name: 'files that are too large among good ones',
    files: { ...both, 'flux/large.yaml': `# ${'x'.repeat(78)}\n`.repeat(140_000) },
    placements: bothPlacements,
    problems: ['file-too-large'],
  },
  {
    name: 'line ends of Windows',
    files: Object.fromEntries(Object.entries(both).map(([path, text]) => [path, text.replaceAll('\n', '\r\n')])),
    placements: bothPlacements,
  },
];
