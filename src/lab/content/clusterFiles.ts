import { imageUpdateAutomation, kustomization } from './appFiles';
import { type FluxState, type LabAddresses, overlayFolder } from './fluxState';
import { environments, owner, services } from './names';

/** The automation that covered both services of an environment, before each service got its own. */
export const sharedAutomation = 'images';

/** `flux/environments` and `flux/clusters/lab`: what Flux is pointed at. */
export function clusterFiles(state: FluxState, addresses: LabAddresses): Record<string, string> {
  const { features } = state;
  if (!features.has('sync')) {
    return {};
  }
  const cluster = 'flux/clusters/lab';
  const files: Record<string, string> = {
    [`${cluster}/flux-system/gotk-sync.yaml`]: sync(state, addresses),
  };
  const resources = ['flux-system/gotk-sync.yaml'];
  if (features.has('namespaces')) {
    files[`${cluster}/namespaces.yaml`] = namespaces(state);
    resources.push('namespaces.yaml');
  }
  if (features.has('image-repositories')) {
    files[`${cluster}/image-repositories.yaml`] = imageRepositories(state, addresses);
    resources.push('image-repositories.yaml');
  }
  if (features.has('apps')) {
    files[`${cluster}/apps.yaml`] = apps(state);
    resources.push('apps.yaml');
    for (const environment of environments) {
      const folder = `flux/environments/${environment}`;
      const overlays = services.map((service) => `../../${overlayFolder(service, environment).slice('flux/'.length)}`);
      const isShared = features.has('shared-automation') && !features.has('automation-per-service');
      files[`${folder}/kustomization.yaml`] = kustomization([
        ...overlays,
        ...(isShared ? ['image-update-automation.yaml'] : []),
      ]);
      if (isShared) {
        files[`${folder}/image-update-automation.yaml`] = imageUpdateAutomation(
          { name: sharedAutomation, environment, path: 'flux/apps' },
          state,
        ).replace('metadata:\n', `metadata:\n  namespace: ${environment}\n`);
      }
    }
  }
  files[`${cluster}/kustomization.yaml`] = kustomization(resources);
  return files;
}

function sync({ features }: FluxState, { gitUrl }: LabAddresses): string {
  return `# The repository that Flux follows, and the folder that it applies first.
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: ${features.has('short-intervals') ? '5s' : '1m'}
  ref:
    branch: main
  url: ${gitUrl}/flux.git
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: ${features.has('short-intervals') ? '30s' : '10m'}
  path: ./flux/clusters/lab
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`;
}

function namespaces({ features }: FluxState): string {
  return environments
    .map((environment) => {
      const labels = features.has('environment-labels') ? `  labels:\n    environment: ${environment}\n` : '';
      return `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${environment}\n${labels}`;
    })
    .join('---\n');
}

function imageRepositories({ features }: FluxState, { registryHost }: LabAddresses): string {
  return services
    .map(
      (service) => `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata:
  name: ${service}
  namespace: flux-system
spec:
  image: ${registryHost}/${owner}/${service}
  interval: ${features.has('short-intervals') ? '5s' : '1m'}
  insecure: true
  accessFrom:
    namespaceSelectors:
      - matchLabels: {}
`,
    )
    .join('---\n');
}

function apps({ features }: FluxState): string {
  const isShort = features.has('short-intervals');
  return environments
    .map(
      (environment) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps-${environment}
  namespace: flux-system
spec:
  interval: ${isShort ? '30s' : '10m'}
  retryInterval: ${isShort ? '5s' : '1m'}
  timeout: ${isShort ? '30s' : '5m'}
  wait: true
  prune: true
  path: ./flux/environments/${environment}
  sourceRef:
    kind: GitRepository
    name: flux-system
`,
    )
    .join('---\n');
}
