import type { KubeObject } from '../../../src/lab/cluster/object';
import { automationManifest, deploymentManifest, imageRepositoryManifest, policyManifest } from '../manifests';

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
    'clusters/lab/images.yaml': imageRepositoryManifest({
      namespace: 'flux-system',
      image,
      interval: pace.scan,
      more: '  accessFrom:\n    namespaceSelectors:\n      - matchLabels: {}\n',
    }),
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
    'apps/production/deployment.yaml': deploymentManifest({ replicas: 2, image: `${image}:latest` }),
    'apps/production/kustomization.yaml': `namespace: production
resources:
  - deployment.yaml
  - image-policy.yaml
  - automation.yaml
images:
  - name: ${image}
    newTag: ${tag} # {"$imagepolicy": "production:backend:tag"}
`,
    'apps/production/image-policy.yaml': policyManifest({
      repositoryNamespace: 'flux-system',
      pattern: '^production-v[0-9.]+-(?P<ts>[0-9]+)$',
    }),
    'apps/production/automation.yaml': automationManifest({
      interval: pace.automation,
      source: { name: 'flux-system', namespace: 'flux-system' },
      commit: `      messageTemplate: |
        chore: update {{ .AutomationObject.Name }}

        {{ range .Changed.Changes -}}
        - {{ .OldValue }} -> {{ .NewValue }}
        {{ end -}}
`,
    }),
  };
}
