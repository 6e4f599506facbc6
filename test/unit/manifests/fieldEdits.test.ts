import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { parseDocuments } from '../../../src/manifests/documents';
import { applyEdits } from '../../../src/manifests/edits';
import { editField, type FieldValue } from '../../../src/manifests/fieldEdits';
import { at } from '../../../src/manifests/fields';

function edited(text: string, path: readonly [string, ...string[]], value: FieldValue, document = 0) {
  const edit = editField(text, document, path, value);
  return edit && applyEdits(text, [edit]);
}

describe('editField', () => {
  const cases: readonly (readonly [string, string, readonly [string, ...string[]], FieldValue, string | undefined])[] =
    [
      ['replaces a scalar in its style', "a:\n  b: 'x' # why\n", ['a', 'b'], '^y$', "a:\n  b: '^y$' # why\n"],
      ['adds a field below the others', 'a:\n  b: 1\nc: 2\n', ['a', 'd'], true, 'a:\n  b: 1\n  d: true\nc: 2\n'],
      [
        'adds what leads to it',
        'a:\n    b: 1\n',
        ['a', 'm', 'n/o'],
        '^x\\.y$',
        "a:\n    b: 1\n    m:\n      n/o: '^x\\.y$'\n",
      ],
      ['adds to a flow mapping', 'a: {b: 1}\n', ['a', 'c', 'd'], 'e', 'a: {b: 1, c: {d: e}}\n'],
      ['fills an empty flow mapping', 'a: {}\n', ['a', 'c'], 'e', 'a: {c: e}\n'],
      ['keeps line ends', 'a:\r\n  b: 1\r\n', ['a', 'c'], 'x', 'a:\r\n  b: 1\r\n  c: x\r\n'],
      ['removes a line', 'a:\n  b: 1 # gone\n  c: 2\n', ['a', 'b'], undefined, 'a:\n  c: 2\n'],
      ['removes what it leaves empty', 'a:\n  m:\n    b: 1\n  c: 2\n', ['a', 'm', 'b'], undefined, 'a:\n  c: 2\n'],
      ['removes the last line', 'a:\n  c: 2\n  b: 1', ['a', 'b'], undefined, 'a:\n  c: 2'],
      ['removes from a flow mapping', 'a: {b: 1, c: 2}\n', ['a', 'b'], undefined, 'a: {c: 2}\n'],
      ['removes the last of a flow mapping', 'a: {b: 1, c: 2}\n', ['a', 'c'], undefined, 'a: {b: 1}\n'],
      ['leaves a shared value alone', 'x: &t 1.2\ny: *t\n', ['y'], '1.3', undefined],
      ['leaves a list alone', 'a: [1]\n', ['a', 'b'], 'c', undefined],
      ['leaves broken text alone', 'a: [\n', ['a'], 'c', undefined],
      ['has nothing to remove', 'a: 1\n', ['b'], undefined, undefined],
    ];
  for (const [name, text, path, value, after] of cases) {
    it(name, () => assert.equal(edited(text, path, value), after));
  }

  it('edits one document of several', () => {
    assert.equal(edited('a: 1\n---\na: 1\n', ['a'], 'x', 1), 'a: 1\n---\na: x\n');
  });

  it('reads back as it was written, and removing it gives the text from before', () => {
    const key = fc.stringMatching(/^[a-z][a-z0-9./-]{0,8}$/);
    const value = fc.oneof(fc.string({ maxLength: 20 }), fc.boolean());
    fc.assert(
      fc.property(key, key, value, fc.constantFrom('\n', '\r\n'), (parent, name, written, newline) => {
        const text = ['kind: X', 'metadata:', '  name: y', 'spec:', '  interval: 5s # kept', ''].join(newline);
        const path = ['spec', `${parent}.p`, name] as const;
        const after = edited(text, path, written);
        if (after === undefined) return; // refused is safe
        assert.deepEqual(at(parseDocuments('', after).documents[0]?.value, ...path), written);
        assert.equal(edited(after, path, undefined), text);
      }),
    );
  });
});
