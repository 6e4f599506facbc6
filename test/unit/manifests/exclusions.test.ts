import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { parseDocuments } from '../../../src/manifests/documents';
import { applyEdits } from '../../../src/manifests/edits';
import { editExclusionList } from '../../../src/manifests/exclusions';
import { at } from '../../../src/manifests/fields';

const head = 'apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\nmetadata:\n  name: web\n';

function edited(text: string, patterns: readonly string[], index = 0): string | undefined {
  const edits = editExclusionList(text, index, patterns);
  return edits === undefined ? undefined : applyEdits(text, edits);
}

describe('editExclusionList', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'makes the list with the default first',
      'spec:\n  image: a # x\n  interval: 5s\n',
      "spec:\n  image: a # x\n  interval: 5s\n  exclusionList:\n    - '^.*\\.sig$'\n    - '^bad$'\n",
    ],
    [
      'adds in double quotes beside double quotes',
      'spec:\n  exclusionList:\n  - "^.*\\\\.sig$" # keep\n  image: a\n',
      'spec:\n  exclusionList:\n  - "^.*\\\\.sig$" # keep\n  - "^bad$"\n  image: a\n',
    ],
    [
      'adds in single quotes beside plain',
      'spec:\n  exclusionList:\n    -   ^x$\n',
      "spec:\n  exclusionList:\n    -   ^x$\n    -   '^bad$'\n",
    ],
    [
      'adds to a flow list',
      "spec:\n  exclusionList: ['^x$']\n  image: a\n",
      "spec:\n  exclusionList: ['^x$', '^bad$']\n  image: a\n",
    ],
    [
      'fills an empty flow list',
      'spec:\n  exclusionList: []\n  image: a\n',
      "spec:\n  exclusionList:\n    - '^.*\\.sig$'\n    - '^bad$'\n  image: a\n",
    ],
    [
      'fills a key without a value',
      'spec:\n  exclusionList:\n  image: a\n',
      "spec:\n  exclusionList:\n    - '^.*\\.sig$'\n    - '^bad$'\n  image: a\n",
    ],
    [
      'needs no line end at the end',
      'spec:\n  image: a',
      "spec:\n  image: a\n  exclusionList:\n    - '^.*\\.sig$'\n    - '^bad$'",
    ],
    [
      'leaves what follows',
      'spec:\n  image: a\n\n# tail\nstatus: {}\n',
      "spec:\n  image: a\n  exclusionList:\n    - '^.*\\.sig$'\n    - '^bad$'\n\n# tail\nstatus: {}\n",
    ],
  ];
  for (const [name, before, after] of cases) {
    it(name, () => assert.equal(edited(head + before, ['^bad$']), head + after));
    it(`${name}, with CRLF`, () =>
      assert.equal(
        edited((head + before).replaceAll('\n', '\r\n'), ['^bad$']),
        (head + after).replaceAll('\n', '\r\n'),
      ));
  }

  it('edits the second document and leaves the first', () => {
    const text = `${head}spec:\n  image: a\n---\n${head}spec:\n  image: b\n`;
    assert.equal(edited(text, ['^b$'], 1), `${text}  exclusionList:\n    - '^.*\\.sig$'\n    - '^b$'\n`);
  });

  it('has nothing to do, or nothing that it can do', () => {
    assert.equal(edited(`${head}spec:\n  exclusionList: ['^bad$']\n`, ['^bad$']), undefined);
    assert.equal(edited(`${head}spec: {image: a}\n`, ['^bad$']), undefined);
    assert.equal(edited('kind: ConfigMap\nspec:\n  image: a\n', ['^bad$']), undefined);
    assert.equal(edited(`${head}spec: [\n`, ['^bad$']), undefined);
    assert.equal(edited('', ['^bad$']), undefined);
  });

  it('only ever adds text, and what it adds reads back', () => {
    const pattern = fc.string({
      unit: fc.constantFrom(...Array.from(`^$.\\'"[]{}#:,- ab0`)),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.constantFrom(...cases), pattern, ([, before], added) => {
        const text = head + before;
        const after = edited(text, [added]);
        if (after === undefined) return;
        const list = at(parseDocuments('', after).documents[0]?.value, 'spec', 'exclusionList');
        assert.ok(Array.isArray(list) && list.includes(added));
        assert.ok(after.startsWith(head));
      }),
    );
  });
});
