// Flux's controllers as the cluster shows them: a Deployment each, as `flux install` makes them. What they do is done in this
// process; whoever looks for their pods or their log finds what a real cluster has.
import { createHash } from 'node:crypto';
import type { Store } from './cluster/store';
import type { ResolveImage } from './controllers/pods';

const registry = 'ghcr.io/fluxcd/';
/** Of Flux 2.9. */
const images: Readonly<Record<string, string>> = {
  'source-controller': `${registry}source-controller:v1.9.4`,
  'kustomize-controller': `${registry}kustomize-controller:v1.9.4`,
  'image-reflector-controller': `${registry}image-reflector-controller:v1.2.4`,
  'image-automation-controller': `${registry}image-automation-controller:v1.2.4`,
};

export function createControllerDeployments(store: Store): void {
  for (const [name, image] of Object.entries(images)) {
    const labels = { 'app.kubernetes.io/component': name, 'app.kubernetes.io/part-of': 'flux', app: name };
    store.create(
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace: 'flux-system', labels },
        spec: {
          replicas: 1,
          selector: { matchLabels: { app: name } },
          template: { metadata: { labels }, spec: { containers: [{ name: 'manager', image }] } },
        },
      },
      { fieldManager: 'flux' },
    );
  }
}

/** The node has the controllers' images; it asks `pull` for all others. */
export function withControllerImages(pull: ResolveImage): ResolveImage {
  const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return (image) => (image.startsWith(registry) ? Promise.resolve(digestOf(image)) : pull(image));
}
