import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';

function images(image: string, postBuild: string): readonly (readonly [string, string | undefined])[] {
  const tree = treeOf({
    'apps/app.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec: { template: { spec: { containers: [{ name: app, image: "${image}" }] } } }
`,
    'clusters/one/apps.yaml': `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps, namespace: flux-system }
spec:
  path: ./apps
${postBuild}`,
  });
  return readManifests(tree).roots.flatMap((root) =>
    root.images.map(({ image: built, origin }) => [built, origin && `${origin.file}:${origin.line} ${origin.field}`]),
  );
}

const tag = '  postBuild:\n    substitute:\n      TAG: v1\n';
const inApp = 'apps/app.yaml:4 image';
const inCluster = 'clusters/one/apps.yaml:8 TAG';

describe("variables of a Flux Kustomization's postBuild", () => {
  const cases: readonly (readonly [image: string, postBuild: string, built: string, origin: string])[] = [
    ['app:${TAG}', tag, 'app:v1', inCluster],
    ['app:${TAG:=v0}', tag, 'app:v1', inCluster],
    ['app:${OTHER:=v0}', tag, 'app:v0', inApp],
    ['app:${OTHER:-v0}', tag, 'app:v0', inApp],
    ['app:${OTHER}', tag, 'app:${OTHER}', inApp],
    ['app:${OTHER:=v0}', `${tag}    substituteFrom: [{ kind: ConfigMap, name: x }]\n`, 'app:${OTHER:=v0}', inApp],
    ['app:${TAG}', '', 'app:${TAG}', inApp],
    ['app:v2', tag, 'app:v2', inApp],
  ];
  for (const [image, postBuild, built, origin] of cases) {
    it(`${image} is ${built}`, () => assert.deepEqual(images(image, postBuild), [[built, origin]]));
  }
});
