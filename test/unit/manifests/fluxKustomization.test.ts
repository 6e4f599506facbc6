import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type EffectiveImage, readImages } from '../../../src/manifests/effectiveImages';
import { readObjects } from '../../../src/manifests/fileObjects';
import { buildFluxKustomization } from '../../../src/manifests/fluxKustomization';
import { manifestReader } from '../../../src/manifests/manifestReader';
import type { Build } from '../../../src/manifests/overlay';
import { treeOf } from '../../../src/manifests/tree';

function deployment(name: string, image: string): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          image: ${image}\n`;
}

function buildWith(files: Readonly<Record<string, string>>, spec: string): Build {
  const text = `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: apps\nspec:\n${spec}`;
  const tree = treeOf({ ...files, 'clusters/apps.yaml': text });
  const [object] = readObjects('clusters/apps.yaml', text, manifestReader(tree).placeIn('clusters/apps.yaml'));
  assert.ok(object);
  return buildFluxKustomization(tree, object);
}

function show({ namespace, name, image, origin }: EffectiveImage): string {
  return `${namespace}/${name} ${image} ${origin === undefined ? '' : `${origin.file}:${origin.line} ${origin.field}`}`.trim();
}

describe('buildFluxKustomization', () => {
  const folder = {
    'apps/prod/web.yaml': deployment('web', 'reg/web:1'),
    'apps/prod/more/api.yml': deployment('api', 'reg/api:1'),
    'apps/prod/own/kustomization.yaml': 'resources: [db.yaml]\nimages: [{name: db, newTag: "2"}]\n',
    'apps/prod/own/db.yaml': deployment('db', 'db:1'),
    'apps/prod/own/stray.yaml': 'not: an object\n',
    'apps/prod/readme.md': 'x',
    'apps/prod/.github/workflow.yaml': 'on: push\n',
  };

  it('takes all YAML of a folder without a kustomization file, and a subfolder with one as one resource', () => {
    const built = buildWith(folder, '  path: ./apps/prod\n');
    assert.equal(built.error, undefined);
    assert.deepEqual(readImages(built).map(show).sort(), [
      '/api reg/api:1 apps/prod/more/api.yml:10 image',
      '/db db:2 apps/prod/own/kustomization.yaml:2 newTag',
      '/web reg/web:1 apps/prod/web.yaml:10 image',
    ]);
  });

  it('applies its own namespace, affixes, images and patches', () => {
    const built = buildWith(
      folder,
      [
        '  path: ./apps/prod',
        '  targetNamespace: prod',
        '  namePrefix: x-',
        '  images:',
        '    - name: reg/web',
        '      newTag: "7" # here',
        '  patches:',
        '    - patch: |',
        '        - op: replace',
        '          path: /spec/template/spec/containers/0/image',
        '          value: reg/api:patched',
        '      target:',
        '        kind: Deployment',
        '        name: api',
        '',
      ].join('\n'),
    );
    assert.deepEqual(readImages(built).map(show).sort(), [
      'prod/x-api reg/api:patched clusters/apps.yaml:16 value',
      'prod/x-db db:2 apps/prod/own/kustomization.yaml:2 newTag',
      'prod/x-web reg/web:7 clusters/apps.yaml:11 newTag',
    ]);
  });

  it('puts its own image entry in the place of one of the same name', () => {
    const built = buildWith(
      {
        'apps/kustomization.yaml':
          'resources: [web.yaml]\nimages:\n  - name: reg/web\n    newName: other\n    newTag: "1"\n',
        'apps/web.yaml': deployment('web', 'reg/web:0'),
      },
      '  path: apps\n  images:\n    - name: reg/web\n      newTag: "2"\n',
    );
    assert.deepEqual(readImages(built).map(show), ['/web reg/web:2 clusters/apps.yaml:9 newTag']);
  });

  it('reads files outside the folder and unknown fields in the first file, as Flux does', () => {
    const built = buildWith(
      {
        'apps/prod/kustomization.yaml': 'resources: [../shared.yaml]\nunknown: 1\n',
        'apps/shared.yaml': deployment('web', 'reg/web:0'),
      },
      '  path: apps/prod\n',
    );
    assert.equal(built.error, undefined);
    assert.equal(built.objects.length, 1);
  });

  it('refuses what Flux refuses', () => {
    assert.match(buildWith({}, '  path: nowhere\n').error ?? '', /^kustomization path not found/);
    assert.match(
      buildWith({ 'a/x.yaml': 'not: an object\n' }, '  path: a\n').error ?? '',
      /^failed to decode Kubernetes YAML from a\/x.yaml/,
    );
    assert.match(buildWith({ 'a/x.md': '' }, '  path: a\n').error ?? '', /empty/);
  });

  it('takes a plain object from the API', () => {
    const tree = treeOf({ 'apps/web.yaml': deployment('web', 'reg/web:0') });
    const built = buildFluxKustomization(tree, {
      object: { spec: { path: './apps', images: [{ name: 'reg/web', newTag: '3' }] } },
    });
    assert.deepEqual(readImages(built).map(show), ['/web reg/web:3']);
  });
});

describe('readImages', () => {
  it('reads HelmRelease values', () => {
    const text = [
      'apiVersion: helm.toolkit.fluxcd.io/v2',
      'kind: HelmRelease',
      'metadata: {name: web, namespace: prod}',
      'spec:',
      '  values:',
      '    image:',
      '      repository: reg/web',
      '      tag: 1.10 # x',
      '    sidecar:',
      '      image: reg/side:1',
      '    imagePullPolicy: Always',
      '',
    ].join('\n');
    const tree = treeOf({ 'x.yaml': text });
    const objects = readObjects('x.yaml', text, manifestReader(tree).placeIn('x.yaml'));
    assert.deepEqual(
      readImages({ objects }).map((image) => `${image.container} ${show(image)}`),
      ['image prod/web reg/web:1.10 x.yaml:8 tag', 'sidecar.image prod/web reg/side:1 x.yaml:10 image'],
    );
  });
});
