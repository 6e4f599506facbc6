import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { readImages } from '../../../src/manifests/effectiveImages';
import { type Build, buildOverlay } from '../../../src/manifests/overlay';
import { treeOf } from '../../../src/manifests/tree';

const web =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          image: reg/web:1\n';

function buildIn(files: Readonly<Record<string, string>>, root = 'prod'): Build {
  return buildOverlay(
    treeOf({ 'base/kustomization.yaml': 'resources: [web.yaml]\n', 'base/web.yaml': web, ...files }),
    root,
  );
}

function imageOf(build: Build): string {
  return readImages(build)
    .map(({ image }) => image)
    .join(' ');
}

describe('buildOverlay', () => {
  it('asks of a generator only that its files are there, whatever they hold', () => {
    const kustomization = 'resources: [../base]\nconfigMapGenerator: [{name: cm, files: [config/plugins.txt]}]\n';
    const files = { 'prod/kustomization.yaml': kustomization };
    assert.match(buildIn(files).error ?? '', /'prod\/config\/plugins.txt' doesn't exist/);
    const tree = treeOf({ 'base/kustomization.yaml': 'resources: [web.yaml]\n', 'base/web.yaml': web, ...files });
    const list = () => [...tree.list(), 'prod/config/plugins.txt'];
    assert.equal(imageOf(buildOverlay({ ...tree, list }, 'prod')), 'reg/web:1');
  });
});

describe('buildOverlay refuses, and never hangs, on', () => {
  const refusals: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    [
      'a cycle',
      { 'prod/kustomization.yaml': 'resources: [../dev]\n', 'dev/kustomization.yaml': 'resources: [../prod]\n' },
      /cycle detected/,
    ],
    ['itself', { 'prod/kustomization.yaml': 'resources: [.]\n' }, /cycle detected/],
    ['its parent', { 'prod/kustomization.yaml': 'resources: [..]\n' }, /cycle detected/],
    ['a path out of the repository', { 'prod/kustomization.yaml': 'resources: [../../etc]\n' }, /doesn't exist/],
    ['an absolute path', { 'prod/kustomization.yaml': 'resources: [/etc/passwd]\n' }, /doesn't exist/],
    [
      'a file outside its folder',
      { 'prod/kustomization.yaml': 'resources: [../base/web.yaml]\n' },
      /security; file 'base\/web.yaml' is not in or below 'prod'/,
    ],
    ['a folder that is not there', {}, /must build at directory/],
    ['a folder without a kustomization', { 'prod/x.yaml': web }, /unable to find one of/],
    [
      'two kustomization files',
      { 'prod/kustomization.yaml': 'namespace: a\n', 'prod/Kustomization': 'namespace: a\n' },
      /Found multiple/,
    ],
    [
      'an unknown field',
      { 'prod/kustomization.yaml': 'resources: [../base]\nimages: [{name: reg/web, newDigest: x}]\n' },
      /unknown field "newDigest"/,
    ],
    [
      'a tag that is a number',
      { 'prod/kustomization.yaml': 'resources: [../base]\nimages: [{name: reg/web, newTag: 1.0}]\n' },
      /cannot unmarshal number/,
    ],
    [
      'a component among the resources',
      {
        'prod/kustomization.yaml': 'resources: [../comp]\n',
        'comp/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: x\n',
      },
      /expected kind != 'Component'/,
    ],
    [
      'the same resource twice',
      { 'prod/kustomization.yaml': 'resources: [../base, web.yaml]\n', 'prod/web.yaml': web },
      /already registered id: Deployment.v1.apps\/web/,
    ],
    [
      'broken YAML',
      { 'prod/kustomization.yaml': 'resources: [web.yaml]\n', 'prod/web.yaml': 'a: [\n' },
      /MalformedYAMLError/,
    ],
    [
      'a bomb of aliases',
      { 'prod/kustomization.yaml': 'resources: [x.yaml]\n', 'prod/x.yaml': bomb() },
      /aliases cannot be resolved/,
    ],
    [
      'a patch without a target',
      {
        'prod/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml}]\n',
        'prod/p.yaml': '- {op: remove, path: /x}\n',
      },
      /must specify a target/,
    ],
  ];
  for (const [name, files, error] of refusals) it(name, () => assert.match(buildIn(files).error ?? 'none', error));

  it('bases that multiply each other', () => {
    const files: Record<string, string> = { 'l0/kustomization.yaml': 'namespace: a\n' };
    for (let level = 1; level < 30; level += 1) {
      files[`l${level}/kustomization.yaml`] = `resources: [../l${level - 1}, ../m${level - 1}]\n`;
      files[`m${level - 1}/kustomization.yaml`] =
        level < 2 ? 'namespace: a\n' : `resources: [../l${level - 2}, ../m${level - 2}]\n`;
    }
    assert.match(buildIn(files, 'l29').error ?? '', /too many folders/);
  });
});

function bomb(): string {
  const lines = ['kind: ConfigMap', 'metadata: {name: x}', `a0: &a0 [${'x,'.repeat(9)}x]`];
  for (let level = 1; level < 9; level += 1) lines.push(`a${level}: &a${level} [${`*a${level - 1},`.repeat(9)}x]`);
  return `${lines.join('\n')}\n`;
}

describe('buildOverlay says what it does not evaluate', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'a remote base',
      'resources: ["https://github.com/acme/x//base?ref=v1"]\n',
      'the remote base https://github.com/acme/x//base?ref=v1',
    ],
    [
      'a remote component',
      'resources: [../base]\ncomponents: ["github.com/acme/x"]\n',
      'the remote component github.com/acme/x',
    ],
    ['Helm charts', 'resources: [../base]\nhelmCharts: [{name: x}]\n', 'helmCharts'],
    ['transformers', 'resources: [../base]\ntransformers: [x.yaml]\n', 'transformers'],
    [
      'replacements that reach an image',
      'resources: [../base]\nreplacements: [{source: {kind: X}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]}]\n',
      'replacements',
    ],
    [
      'an image name that is a pattern',
      'resources: [../base]\nimages: [{name: "(a+)+", newTag: "1"}]\n',
      'the image name (a+)+, which kustomize reads as a pattern',
    ],
  ];
  for (const [name, text, what] of cases) {
    it(name, () =>
      assert.deepEqual(buildIn({ 'prod/kustomization.yaml': text }).unsupported, [
        { what, file: 'prod/kustomization.yaml' },
      ]),
    );
  }

  // Found on a public repository: patches of ingress-nginx, whose own manifest is a remote resource.
  it('and builds the rest, whatever is changed of a remote base', () => {
    const patch = (kind: string, name: string): string =>
      `{apiVersion: apps/v1, kind: ${kind}, metadata: {name: ${name}}, spec: {template: {spec: {containers: [{name: web, image: other}]}}}}`;
    const text = [
      'resources: ["https://example.com/x.yaml", ../base]',
      `patches: [{patch: '${patch('Deployment', 'elsewhere')}'}]`,
      `patchesStrategicMerge: ['${patch('DaemonSet', 'elsewhere')}']`,
      'replicas: [{name: elsewhere, count: 2}]',
      'images: [{name: reg/web, newTag: "2"}]',
    ];
    const build = buildIn({ 'prod/kustomization.yaml': text.join('\n') });
    assert.equal(build.error, undefined);
    assert.equal(imageOf(build), 'reg/web:2');
    assert.equal(build.unsupported.length, 1);
    const local = buildIn({ 'prod/kustomization.yaml': text.join('\n').replace('"https://example.com/x.yaml", ', '') });
    assert.match(local.error ?? '', /no matches for Id/);
  });

  it('but not generators, labels, or replacements that cannot touch an image', () => {
    const text =
      'resources: [../base]\nimages: [{name: reg/web, newTag: "2"}]\nconfigMapGenerator: [{name: cm, literals: [a=b]}]\nsecretGenerator: [{name: s, literals: [a=b]}]\ncommonLabels: {a: b}\ncommonAnnotations: {a: b}\nlabels: [{pairs: {c: d}}]\nreplicas: [{name: web, count: 2}]\nreplacements: [{source: {kind: X}, targets: [{select: {kind: Deployment}, fieldPaths: [metadata.labels.x]}]}]\n';
    const build = buildIn({ 'prod/kustomization.yaml': text });
    assert.deepEqual(build.unsupported, []);
    assert.equal(build.error, undefined);
    assert.equal(imageOf(build), 'reg/web:2');
    assert.equal(build.objects.length, 1);
  });
});

describe('buildOverlay', () => {
  it('keeps the place of a tag through a literal inline patch, with CRLF', () => {
    const text =
      'resources: [../base]\r\npatches:\r\n  - patch: |\r\n      - op: replace\r\n        path: /spec/template/spec/containers/0/image\r\n        value: reg/web:9\r\n    target: {kind: Deployment}\r\n';
    const [image] = readImages(buildIn({ 'prod/kustomization.yaml': text }));
    assert.equal(image?.image, 'reg/web:9');
    assert.deepEqual(
      { ...image?.origin, range: undefined },
      { file: 'prod/kustomization.yaml', line: 6, field: 'value', range: undefined },
    );
    assert.equal(text.slice(image?.origin?.range.start, image?.origin?.range.end), 'reg/web:9');
  });

  it('never throws, whatever the files say', () => {
    const fragment = fc.constantFrom(
      'resources:',
      'patches:',
      'images:',
      '- ',
      '  ',
      'name: web',
      'patch: |',
      'path: p.yaml',
      'target: {kind: .*}',
      '- op: add',
      'path: /spec/-',
      'value: [1]',
      'kind: Deployment',
      'newTag: 1',
      '../base',
      'p.yaml',
      '\n',
      '\n',
      '\n  - ',
      '{',
      ']',
      '*a',
      '&a',
      '$patch: delete',
      'null',
      web,
    );
    const text = fc.array(fragment, { maxLength: 14 }).map((parts) => parts.join(' '));
    fc.assert(
      fc.property(text, text, (kustomization, patch) => {
        const build = buildIn({
          'prod/kustomization.yaml': `resources: [../base]\n${kustomization}`,
          'prod/p.yaml': patch,
        });
        readImages(build);
      }),
      { numRuns: 400 },
    );
  });
});
