import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { createCheckedRepository } from '../../../src/checks/checkedRepository';
import { checkFile, checkRepository } from '../../../src/checks/checkFile';
import { sourceRange } from '../../../src/checks/sourceRange';
import { createSubject } from '../../../src/checks/subject';
import { parseDocuments, scalarAt } from '../../../src/manifests/documents';
import { readManifests } from '../../../src/manifests/repository';
import { treeOf } from '../../../src/manifests/tree';
import { defaultSettings } from '../../../src/model/settings';
import { typingBudget } from '../../../src/policy/prove';
import { policy } from './check';

function repositoryOf(files: Readonly<Record<string, string>>) {
  const tree = treeOf(files);
  return createCheckedRepository(tree, readManifests(tree), defaultSettings);
}

function overlay(rest: string): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - policy.yaml\n${rest}`;
}

const refused = policy('app', "  filterTags:\n    pattern: '^(?!x)'\n  policy:\n    alphabetical: {}\n");
const fine = refused.replace('(?!x)', 'x$');
const patch = `patches:
  - patch: |
      - op: replace
        path: /spec/filterTags/pattern
        value: '^x$'
    target:
      kind: ImagePolicy
`;

describe('checkFile', () => {
  it('judges what somebody types, before the repository is read again', () => {
    const repository = repositoryOf({ 'a/policy.yaml': fine, 'a/kustomization.yaml': overlay('namespace: apps\n') });
    const found = checkFile(repository, 'a/policy.yaml', `# typed\n${refused}`);
    assert.deepEqual(
      found.map(({ rule, line }) => [rule, line]),
      [['pattern-refused', 12]],
    );
    assert.deepEqual(checkFile(repository, 'a/policy.yaml', fine), []);
  });

  it('leaves what a patch replaces to the patch, also while somebody types', () => {
    const repository = repositoryOf({ 'a/policy.yaml': refused, 'a/kustomization.yaml': overlay(patch) });
    assert.deepEqual(checkRepository(repository), []);
    assert.deepEqual(checkFile(repository, 'a/policy.yaml', `# typed\n${refused}`), []);
  });

  it('gives a reference without a namespace the one that the overlay gives, also while somebody types', () => {
    const own = fine.replace(/imageRepositoryRef:[^]*?(?=\n {2}\w)/, 'imageRepositoryRef:\n    name: app');
    const bare = own.replace(/\n {2}namespace: .*/, '');
    const repository = repositoryOf({ 'a/policy.yaml': bare, 'a/kustomization.yaml': overlay('namespace: apps\n') });
    for (const text of [bare, bare.replace('x$', 'y$')]) {
      const [described] = createSubject(repository, 'a/policy.yaml', text).documents;
      const references = described?.forms.map((form) => form.kind === 'ImagePolicy' && form.repositoryRef.namespace);
      assert.deepEqual(references, ['apps']);
    }
  });

  it('moves places that lie outside the edited part', () => {
    const before = 'a: 1\nb: 2\nc: 3\n';
    const subject = createSubject(repositoryOf({ 'x.yaml': before }), 'x.yaml', 'a: 1\nb: 2000\nc: 3\n');
    assert.deepEqual(subject.rangeNow({ start: 3, end: 4 }), { start: 3, end: 4 });
    assert.deepEqual(subject.rangeNow({ start: 13, end: 14 }), { start: 16, end: 17 });
    assert.equal(subject.rangeNow({ start: 5, end: 12 }), undefined);
  });

  it('ends on patterns that are built to explode, with ten thousand tags', () => {
    const tags = Array.from({ length: 10_000 }, (_, index) => `v1.${index}.0-rc${index}`);
    for (const pattern of [
      '^(a|b|ab)*(x+x+)+y[0-9]{0,1000}(?:(?:a{0,30}){0,30})$',
      '(a|aa|[a-z]{1,900})+$',
      '.*.*.*=.*',
    ]) {
      const text = policy('app', `  filterTags:\n    pattern: '${pattern}'\n  policy:\n    numerical: {}\n`);
      const tree = treeOf({ 'p.yaml': text });
      const options = { knownTags: () => tags, budget: typingBudget };
      const repository = createCheckedRepository(tree, readManifests(tree), defaultSettings, options);
      assert.ok(checkFile(repository, 'p.yaml', text).length > 0);
    }
  }).timeout(20_000);

  it('never throws', () => {
    const repository = repositoryOf({ 'x.yaml': fine });
    const overlay =
      'kind: Kustomization\nresources:\n  - .\n  - ../x\nimages:\n  - name: a\n    newTag: 1.0 # {"$imagepolicy": "a:b"}\n';
    const parts = `${fine}---\n${overlay}`
      .split(/(?<=\n)|(?=:)/)
      .concat(['%', '\u0000', '"\\q"', '[', '- ', '&a ', '*a ', '{{ x }}', "'"]);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 20 }), (some) => {
        checkFile(repository, 'x.yaml', some.join(''));
      }),
      { numRuns: 200 },
    );
  }).timeout(20_000);
});

describe('sourceRange', () => {
  it('finds every character of a value in its quotes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', "'", '"', '\\', '.', '(', 'é', '\u0007', '😀'), minLength: 1 });
    fc.assert(
      fc.property(text, fc.constantFrom('single', 'double'), (value, style) => {
        const quoted = style === 'double' ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`;
        if (style === 'single' && /\u0007/.test(value)) return;
        const source = `key: ${quoted}\n`;
        const document = parseDocuments('x.yaml', source).documents[0];
        const scalar = document && scalarAt(document, ['key']);
        assert.equal(scalar?.text, value);
        const place = sourceRange(source, scalar, { start: value.length - 1, end: value.length });
        assert.equal(place.end, source.length - 2);
        assert.equal(sourceRange(source, scalar, { start: 0, end: 1 }).start, 6);
      }),
    );
  });
});
