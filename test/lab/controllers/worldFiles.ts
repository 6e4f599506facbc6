import type { KubeObject } from '../../../src/lab/cluster/object';

/** The intervals that the manifests declare. */
export interface Pace {
  readonly source: string;
  readonly scan: string;
  readonly automation: string;
  /** Of the Kustomization: after a failure, and until a failing rollout counts as one. */
  readonly retry: string;
  readonly timeout: string;
}

/** What stands in the cluster before Flux has read anything. */
export function bootstrap(gitUrl: string, { source }: Pace): readonly KubeObject[] {
  const metadata = { name: 'flux-system', namespace: 'flux-system' };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } },
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata,
      spec: { interval: source, url: gitUrl, ref: { branch: 'main' } },
    },
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata,
      spec: {
        interval: '10m',
        path: './clusters/lab',
        prune: true,
        sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      },
    },
  ];
}

/** The first commit of the small world. `tag` stands in production's overlay. */
export function worldFiles(image: string, tag: string, pace: Pace): Record<string, string> {
  return {
    'clusters/lab/kustomization.yaml': 'resources:\n  - namespaces.yaml\n  - images.yaml\n  - apps.yaml\n',
    'clusters/lab/namespaces.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: production\n',
    'clusters/lab/images.yaml': `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata:
  name: backend
  namespace: flux-system
spec:
  image: ${image}
  interval: ${pace.scan}
  insecure: true
  accessFrom:
    namespaceSelectors:
      - matchLabels: {}
`,
    'clusters/lab/apps.yaml': `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps-production
  namespace: flux-system
spec:
  interval: 10m
  retryInterval: ${pace.retry}
  timeout: ${pace.timeout}
  wait: true
  prune: true
  path: ./apps/production
  sourceRef:
    kind: GitRepository
    name: flux-system
`,
    'apps/production/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: backend
spec:
  replicas: 2
  selector:
    matchLabels:
      app: backend
  template:
    metadata:
      labels:
        app: backend
    spec:
      containers:
        - name: backend
          image: ${image}:latest
`,
    'apps/production/kustomization.yaml': `namespace: production
resources:
  - deployment.yaml
  - image-policy.yaml
  - automation.yaml
images:
  - name: ${image}
    newTag: ${tag} # {"$imagepolicy": "production:backend:tag"}
`,
    'apps/production/image-policy.yaml': `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: backend
spec:
  imageRepositoryRef:
    name: backend
    namespace: flux-system
  filterTags:
    pattern: '^production-v[0-9.]+-(?P<ts>[0-9]+)$'
    extract: '$ts'
  policy:
    numerical:
      order: asc
`,
    'apps/production/automation.yaml': `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata:
  name: backend
spec:
  interval: ${pace.automation}
  sourceRef:
    kind: GitRepository
    name: flux-system
    namespace: flux-system
  git:
    checkout:
      ref:
        branch: main
    commit:
      author:
        name: fluxcdbot
        email: bot@example.invalid
      messageTemplate: |
        chore: update {{ .AutomationObject.Name }}

        {{ range .Changed.Changes -}}
        - {{ .OldValue }} -> {{ .NewValue }}
        {{ end -}}
    push:
      branch: main
  update:
    path: ./apps/production
    strategy: Setters
`,
  };
}
