// Manifests for repositories of any layout, as short as they can be.

export type Files = Readonly<Record<string, string>>;

export function deployment(name: string, image: string, setter?: string, namespace?: string): string {
  const marker = setter === undefined ? '' : ` # {"$imagepolicy": "${setter}"}`;
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}${namespace === undefined ? '' : `, namespace: ${namespace}`} }
spec:
  template:
    spec:
      containers:
        - name: ${name}
          image: ${image}${marker}
`;
}

export function helmRelease(name: string, repository: string, tag: string, setter?: string): string {
  const marker = setter === undefined ? '' : ` # {"$imagepolicy": "${setter}:tag"}`;
  return `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: ${name} }
spec:
  values:
    image:
      repository: ${repository}
      tag: ${tag}${marker}
`;
}

export function overlay(resources: readonly string[], rest = ''): string {
  const list = resources.map((resource) => `  - ${resource}\n`).join('');
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${rest}resources:\n${list}`;
}

export function fluxKustomization(name: string, path: string, rest = ''): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: flux-system }
spec:
  path: ${path}
  sourceRef: { kind: GitRepository, name: flux-system }
${rest}`;
}

export function imageRepository(name: string, image: string): string {
  return `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: { name: ${name}, namespace: flux-system }
spec: { image: ${image}, interval: 5m }
`;
}

export function imagePolicy(name: string, namespace: string, repository: string, pattern = '.*'): string {
  return `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  imageRepositoryRef: { name: ${repository}, namespace: flux-system }
  filterTags:
    pattern: '${pattern}'
  policy: { alphabetical: {} }
`;
}

export function automation(namespace: string, path: string): string {
  return `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata: { name: flux, namespace: ${namespace} }
spec:
  sourceRef: { kind: GitRepository, name: flux-system, namespace: flux-system }
  git: { commit: { author: { email: bot@example.test } }, push: { branch: main } }
  update: { path: ${path}, strategy: Setters }
`;
}
