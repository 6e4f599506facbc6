interface PlotNames {
  readonly namespace: string;
  readonly image: string;
  /** Of the repository. */
  readonly url: string;
  readonly tag: string;
}

/** `sync/` is what Flux begins with, `images/` the image objects, `apps/production` what is delivered. */
export function plotFiles({ namespace, image, url, tag }: PlotNames): Record<string, string> {
  const metadata = `metadata:\n  name: backend\n  namespace: ${namespace}\n`;
  return {
    'sync/source.yaml': `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
${metadata}spec:
  interval: 1m
  url: ${url}
  ref:
    branch: main
`,
    'sync/apps.yaml': `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
${metadata}spec:
  interval: 10m
  retryInterval: 5s
  timeout: 30s
  prune: true
  path: ./apps/production
  sourceRef:
    kind: GitRepository
    name: backend
`,
    'images/repository.yaml': `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
${metadata}spec:
  image: ${image}
  interval: 1m
  insecure: true
`,
    'images/policy.yaml': `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
${metadata}spec:
  imageRepositoryRef:
    name: backend
  filterTags:
    pattern: '^production-v(?P<version>[0-9.]+)-[a-f0-9]+-(?P<ts>[0-9]+)$'
    extract: '$ts'
  policy:
    numerical:
      order: asc
`,
    'images/automation.yaml': `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
${metadata}spec:
  interval: 1m
  sourceRef:
    kind: GitRepository
    name: backend
  git:
    checkout:
      ref:
        branch: main
    commit:
      author:
        name: fluxcdbot
        email: bot@example.invalid
    push:
      branch: main
  update:
    path: ./apps/production
    strategy: Setters
`,
    'apps/production/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: backend
spec:
  replicas: 1
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
          image: ${image}
`,
    'apps/production/kustomization.yaml': `namespace: ${namespace}
resources:
  - deployment.yaml
images:
  - name: ${image}
    newTag: ${tag} # {"$imagepolicy": "${namespace}:backend:tag"}
`,
  };
}
