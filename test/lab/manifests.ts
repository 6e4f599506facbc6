// The manifests of one service's delivery, as the controllers' worlds and the plots of the fault table declare it.

interface Meta {
  /** None where a Kustomization gives it. */
  readonly namespace?: string;
}

export function imageRepositoryManifest({
  namespace,
  image,
  interval,
  more = '',
}: Meta & { readonly image: string; readonly interval: string; readonly more?: string }): string {
  return `${headOf('image.toolkit.fluxcd.io/v1', 'ImageRepository', namespace)}spec:
  image: ${image}
  interval: ${interval}
  insecure: true
${more}`;
}

export function policyManifest({
  namespace,
  repositoryNamespace,
  pattern,
}: Meta & { readonly repositoryNamespace?: string; readonly pattern: string }): string {
  return `${headOf('image.toolkit.fluxcd.io/v1', 'ImagePolicy', namespace)}spec:
  imageRepositoryRef:
    name: backend
${namespaceLine(4, repositoryNamespace)}  filterTags:
    pattern: '${pattern}'
    extract: '$ts'
  policy:
    numerical:
      order: asc
`;
}

export function automationManifest({
  namespace,
  interval,
  source,
  commit = '',
}: Meta & {
  readonly interval: string;
  readonly source: { readonly name: string; readonly namespace?: string };
  /** More of `spec.git.commit`. */
  readonly commit?: string;
}): string {
  return `${headOf('image.toolkit.fluxcd.io/v1', 'ImageUpdateAutomation', namespace)}spec:
  interval: ${interval}
  sourceRef:
    kind: GitRepository
    name: ${source.name}
${namespaceLine(4, source.namespace)}  git:
    checkout:
      ref:
        branch: main
    commit:
      author:
        name: fluxcdbot
        email: bot@example.invalid
${commit}    push:
      branch: main
  update:
    path: ./apps/production
    strategy: Setters
`;
}

export function deploymentManifest({ replicas, image }: { readonly replicas: number; readonly image: string }): string {
  return `${headOf('apps/v1', 'Deployment')}spec:
  replicas: ${replicas}
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
`;
}

export function headOf(apiVersion: string, kind: string, namespace?: string): string {
  return `apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: backend
${namespaceLine(2, namespace)}`;
}

function namespaceLine(indent: number, namespace: string | undefined): string {
  return namespace === undefined ? '' : `${' '.repeat(indent)}namespace: ${namespace}\n`;
}
