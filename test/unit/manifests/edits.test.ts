import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { parseDocuments, scalarAt } from '../../../src/manifests/documents';
import { applyEdits, editScalar, isSafePlain } from '../../../src/manifests/edits';
import type { Scalar } from '../../../src/manifests/scalars';
import { readsAs } from '../../../src/manifests/yamlTypes';

function scalarIn(text: string): Scalar {
  const [document] = parseDocuments('', text).documents;
  const scalar = document === undefined ? undefined : scalarAt(document, ['k']);
  assert.ok(scalar);
  return scalar;
}

function edited(text: string, value: string): string {
  return applyEdits(text, [editScalar(text, scalarIn(text).range, value)]);
}

describe('editScalar', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['k: a:1 # why\n', 'a:2', 'k: a:2 # why\n'],
    ['k: 1.9\n', '1.10', 'k: "1.10"\n'],
    ["k: '1.0'\n", '1.10', "k: '1.10'\n"],
    ['k: "1.0" # x\n', '1.10', 'k: "1.10" # x\n'],
    ['k: &a v1\nb: *a\n', 'v2', 'k: &a v2\nb: *a\n'],
    ['k: sha256:abc\n', '', 'k: ""\n'],
    ['k: v1\r\nb: 2\r\n', 'yes', 'k: "yes"\r\nb: 2\r\n'],
    ['k: | # why\n  a\n  b\nc: d\n', 'v1', 'k: v1 # why\nc: d\n'],
    ['k:\nb: 1\n', 'v1', 'k: v1\nb: 1\n'],
    ["{k: 'it''s'}\n", "i'm", "{k: 'i''m'}\n"],
  ];
  for (const [before, value, after] of cases) {
    it(`makes ${JSON.stringify(after)}`, () => assert.equal(edited(before, value), after));
  }

  const style = fc.constantFrom('v1', "'v1'", '"v1"', '1.0', '~', '&x v1', '!!str 1');
  const around = fc.record({
    before: fc.constantFrom('', '# head\n', 'a: 1 # x\n', "a: 'b'\r\n", '---\n'),
    after: fc.constantFrom('\n', ' # {"$imagepolicy": "a:b"}\n', '\r\nb: 2\r\n', ' \nb: {c: d}\n\n\n', ''),
  });
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom(...Array.from('abv019.-_:/@+~ #"\'{}[],&*!|>%`é\\')), maxLength: 14 }),
    fc.constantFrom(
      'yes',
      '1.10',
      '1e3',
      '0x1f',
      'null',
      '~',
      '',
      '007',
      '1_000',
      '2024-01-02',
      'latest',
      '.5',
      '-',
      'a: b',
      'a #b',
    ),
  );

  it('reads back as the value, and leaves the rest byte for byte', () => {
    fc.assert(
      fc.property(style, around, value, (old, { before, after }, wanted) => {
        const text = `${before}k: ${old}${after}`;
        const { range } = scalarIn(text);
        const result = edited(text, wanted);
        assert.ok(result.startsWith(text.slice(0, range.start)));
        assert.ok(result.endsWith(text.slice(range.end)));
        assert.equal(scalarIn(result).text, wanted);
        if (!old.startsWith('!!')) assert.equal(scalarIn(result).value, wanted);
      }),
      { numRuns: 500 },
    );
  });
});

describe('readsAs', () => {
  const table: Readonly<Record<string, readonly string[]>> = {
    null: ['', '~', 'null', 'NULL'],
    bool: ['yes', 'No', 'on', 'OFF', 'y', 'true'],
    int: ['12', '-1', '+1', '0x1f', '0b11', '0o17', '017', '1_000', '12345678901234567890'],
    float: ['1.0', '1.', '.5', '1e3', '1E-3', '.inf', '-.Inf', '.nan', '99999999999999999999', '09.5'],
    timestamp: ['2024-01-02', '2024-1-2', '2024-01-02T03:04:05Z', '2024-01-02 03:04:05'],
    string: [
      'v1',
      '1.2.3',
      'latest',
      '1e',
      '0x',
      '2024-13-01',
      '2023-02-29',
      '1:30',
      '1.10-rc',
      '-',
      '.',
      'main-1',
      '0b2',
      '._5',
    ],
  };
  for (const [kind, texts] of Object.entries(table)) {
    it(`reads ${texts.join(' ')} as ${kind}`, () =>
      assert.deepEqual(
        texts.map(readsAs),
        texts.map(() => kind),
      ));
  }

  it('never lets a text be plain that reads as something else', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('0123456789.-_+eExob:yn~')), maxLength: 8 }),
        (text) => {
          if (isSafePlain(text)) assert.equal(scalarIn(`k: ${text}\n`).value, text);
        },
      ),
    );
  });
});
