import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { derivePlacements } from '../../../src/fleet/placements';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import { defaultSettings } from '../../../src/model/settings';

/** `environment service tag where`, sorted. */
function outline(files: Record<string, string>): readonly string[] {
  return derivePlacements(readManifests(treeOf(files)), defaultSettings)
    .map(({ environment, service, written, origin, problems }) =>
      [
        environment,
        service,
        written?.tag ?? '-',
        `${origin?.file}:${origin?.line}`,
        ...problems.map(({ code }) => code),
      ].join(' '),
    )
    .toSorted();
}

const release = (environment: string, tag: string): string => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: web
  namespace: ${environment}
spec:
  values:
    image:
      repository: ghcr.io/acme/web
      tag: ${tag} # {"$imagepolicy": "flux-system:web-${environment}:tag"}
`;

const policy = (name: string): string => `---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: { name: ${name}, namespace: flux-system }
spec:
  imageRepositoryRef: { name: web }
  policy: { semver: { range: '*' } }
`;

const repository = `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: { name: web, namespace: flux-system }
spec: { image: ghcr.io/acme/web, interval: 1m }
`;

describe('derivePlacements', () => {
  const images = { 'images.yaml': repository + policy('web-staging') + policy('web-production') };

  it('prefers what is deployed to a marker that nothing applies', () => {
    assert.deepEqual(
      outline({
        ...images,
        'environments/staging/release.yaml': release('staging', 'v1.2.0'),
        'environments/production/release.yaml': release('production', 'v1.1.0'),
        'charts/web/values.yaml': 'tag: v0.0.0 # {"$imagepolicy": "flux-system:web-staging:tag"}\n',
      }),
      [
        'production web v1.1.0 environments/production/release.yaml:10',
        'staging web v1.2.0 environments/staging/release.yaml:10',
      ],
    );
  });

  it('says when one environment is written with several tags', () => {
    assert.deepEqual(
      outline({
        ...images,
        'environments/staging/one.yaml': release('staging', 'v1.2.0'),
        'environments/staging/two.yaml': release('staging', 'v1.3.0'),
      }),
      ['staging web v1.2.0 environments/staging/one.yaml:10 several-tags'],
    );
  });

  it('shows what only a marker knows', () => {
    assert.deepEqual(
      outline({
        ...images,
        'production/values.yaml': 'tag: v1.0.0 # {"$imagepolicy": "flux-system:web-production:tag"}\n',
      }),
      ['production web v1.0.0 production/values.yaml:1'],
    );
  });
});
