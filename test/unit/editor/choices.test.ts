import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findChoices } from '../../../src/editor/language/choices';
import { applyEdits } from '../../../src/manifests/edits';
import { image, shopFiles } from '../fleet/shop';
import { openDesk } from './pointing';

const desk = openDesk();
const policyFile = 'apps/production/image.yaml';
const policyText = shopFiles()[policyFile] ?? '';

/** The file with each choice taken, cut down to the cursor's line; `‸` is the cursor. */
function take(file: string, marked: string): readonly string[] {
  const offset = marked.indexOf('‸');
  const text = marked.replace('‸', '');
  const found = findChoices(desk.repository, { file, text, offset });
  return (found?.choices ?? []).map((choice) => {
    const after = applyEdits(text, found === undefined ? [] : [{ range: found.range, text: choice.text }]);
    const start = after.lastIndexOf('\n', offset - 1) + 1;
    return `${after.slice(start).split('\n')[0]?.trim()} | ${choice.detail}`;
  });
}

function entry(line: string): string {
  return `images:\n  - name: ${image}\n    ${line}\n`;
}

const file = 'apps/production/kustomization.yaml';

describe('completion in a marker', () => {
  it('offers the policies with the part that fits the key', () => {
    assert.deepEqual(take(file, entry('newTag: v1 # {"$imagepolicy": "‸"}')), [
      `newTag: v1 # {"$imagepolicy": "production:backend:tag"} | ${image} · production`,
      `newTag: v1 # {"$imagepolicy": "staging:backend:tag"} | ${image} · staging`,
    ]);
    assert.match(take(file, entry(`image: ${image}:v1 # {"$imagepolicy": "sta‸gi"}`))[1] ?? '', /"staging:backend"\}/);
  });

  it('offers every part behind a policy', () => {
    assert.deepEqual(
      take(file, entry('newTag: v1 # {"$imagepolicy": "staging:backend:‸"}')).map((one) => one.split(' | ')[0]),
      [
        'newTag: v1 # {"$imagepolicy": "production:backend:tag"}',
        'newTag: v1 # {"$imagepolicy": "staging:backend:tag"}',
        'newTag: v1 # {"$imagepolicy": "staging:backend"}',
        'newTag: v1 # {"$imagepolicy": "staging:backend:name"}',
        'newTag: v1 # {"$imagepolicy": "staging:backend:digest"}',
      ],
    );
  });

  it('writes the whole marker where it has only begun', () => {
    for (const begun of ['#‸', '# ‸', '# {‸}', '# {"‸"}', '# {"$ima‸']) {
      const [first] = take(file, entry(`newTag: v1 ${begun}`));
      assert.equal(first, `newTag: v1 # {"$imagepolicy": "production:backend:tag"} | ${image} · production`, begun);
    }
  });

  it('stays out of other comments', () => {
    assert.deepEqual(take(file, entry('newTag: v1 # see ‸')), []);
    assert.deepEqual(take(file, entry('# ‸')), []);
  });
});

describe('completion in an ImagePolicy', () => {
  it('offers the ImageRepositories of the namespace', () => {
    const empty = policyText.replace('    name: backend\n    namespace', '    name: ‸\n    namespace');
    assert.deepEqual(take(policyFile, empty), [`name: backend | ${image}`]);
    const begun = policyText.replace('    name: backend\n    namespace', '    name: ba‸\n    namespace');
    assert.deepEqual(take(policyFile, begun), [`name: backend | ${image}`]);
    const elsewhere = policyText.replace('    name: backend\n    namespace: flux-system', '    name: ‸');
    assert.deepEqual(take(policyFile, elsewhere), []);
  });

  it('offers the sources of an automation', () => {
    assert.deepEqual(take(policyFile, policyText.replace('name: flux-system', 'name: ‸')), [
      'name: flux-system | clusters/lab/sync.yaml',
    ]);
  });

  it('offers the groups of the pattern, once each', () => {
    const pattern = "'^(a|b)-(?P<ts>[0-9]+)$'";
    const withGroups = policyText.replace(/pattern: .*/, () => `pattern: ${pattern}`);
    const typed = (extract: string) =>
      take(
        policyFile,
        withGroups.replace('extract: $ts', () => `extract: ${extract}`),
      );
    const both = ['extract: $1 | group without a name', 'extract: $ts | group of the pattern'];
    assert.deepEqual(typed('‸'), both);
    assert.deepEqual(typed('$‸'), both);
    assert.deepEqual(typed('$t‸x'), both);
    assert.deepEqual(typed("'$1.${‸}'").at(-1), "extract: '$1.${ts}' | group of the pattern");
  });

  it('offers nothing for other names, and where the pattern is refused', () => {
    assert.deepEqual(take(policyFile, policyText.replace('  name: backend', '  name: ‸')), []);
    const broken = policyText.replace(/pattern: .*/, "pattern: '('").replace('extract: $ts', () => 'extract: $‸');
    assert.deepEqual(take(policyFile, broken), []);
  });
});
