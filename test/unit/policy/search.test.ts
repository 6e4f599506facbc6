import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { createSearch } from '../../../src/policy/search';
import { anchored, compiled, shortTexts } from './arbitraryPatterns';

describe('createSearch', () => {
  it('finds what re2js finds, with the same submatches', () => {
    fc.assert(
      fc.property(anchored, fc.array(shortTexts, { minLength: 1, maxLength: 12 }), (text, tags) => {
        const pattern = compiled(text);
        const groups = pattern.groupNames.map((_, group) => group);
        const search = createSearch(pattern, groups);
        const tests = createSearch(pattern, []);
        for (const tag of tags) {
          const expected = pattern.search(tag);
          assert.deepEqual(Array.from(search(tag) ?? []), Array.from(expected ?? []), `${text} on ${tag}`);
          assert.equal(tests(tag) !== undefined, expected !== undefined);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('leaves to re2js what does not fit its tables', () => {
    const cases = [
      ['(?m)^b(c)', 'a\nbc'],
      ['(é+)x', 'aéé\u{1f600}éx'],
      [`^(?:a|b)*a(?:a|b){12}(c)$`, `${'ab'.repeat(40)}aabbabababbbac`],
      [`(${'a?'.repeat(40)})b`, `${'a'.repeat(30)}b`],
    ];
    for (const [text = '', tag = ''] of cases) {
      const pattern = compiled(text);
      const found = createSearch(pattern, [0, 1])(tag);
      assert.deepEqual(Array.from(found ?? []), Array.from(pattern.search(tag) ?? []), text);
    }
  });
});
