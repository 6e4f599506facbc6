import { automationManifest, deploymentManifest, headOf, imageRepositoryManifest, policyManifest } from '../manifests';

interface PlotNames {
  readonly namespace: string;
  readonly image: string;
  /** Of the repository. */
  readonly url: string;
  readonly tag: string;
}

/** `sync/` is what Flux begins with, `images/` the image objects, `apps/production` what is delivered. */
export function plotFiles({ namespace, image, url, tag }: PlotNames): Record<string, string> {
  return {
    'sync/source.yaml': `${headOf('source.toolkit.fluxcd.io/v1', 'GitRepository', namespace)}spec:
  interval: 1m
  url: ${url}
  ref:
    branch: main
`,
    'sync/apps.yaml': `${headOf('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', namespace)}spec:
  interval: 10m
  retryInterval: 5s
  timeout: 30s
  prune: true
  path: ./apps/production
  sourceRef:
    kind: GitRepository
    name: backend
`,
    'images/repository.yaml': imageRepositoryManifest({ namespace, image, interval: '1m' }),
    'images/policy.yaml': policyManifest({
      namespace,
      pattern: '^production-v(?P<version>[0-9.]+)-[a-f0-9]+-(?P<ts>[0-9]+)$',
    }),
    'images/automation.yaml': automationManifest({ namespace, interval: '1m', source: { name: 'backend' } }),
    'apps/production/deployment.yaml': deploymentManifest({ replicas: 1, image }),
    'apps/production/kustomization.yaml': `namespace: ${namespace}
resources:
  - deployment.yaml
images:
  - name: ${image}
    newTag: ${tag} # {"$imagepolicy": "${namespace}:backend:tag"}
`,
  };
}
