import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Match, Pattern } from '../../../src/policy/pattern';
import { createSearch } from '../../../src/policy/search';
import { anchored, compiled, shortTexts } from './arbitraryPatterns';

/** Start and end of the match and of each group, answered by Go 1.26 (`ask: match` of the oracle). */
const table: readonly (readonly [pattern: string, text: string, match: readonly number[]])[] = [
  ['(z)((a+)?(b+)?(c))*', 'zaacbbbcac', [0, 10, 0, 1, 8, 10, 8, 9, 4, 7, 9, 10]],
  ['(?:(a)|b)*', 'ab', [0, 2, 0, 1]],
  ['(a|ab)(c|bcd)(d*)', 'xabcd', [1, 5, 1, 2, 2, 5, 5, 5]],
  ['(a*)(a*)', 'baa', [0, 0, 0, 0, 0, 0]],
  ['(a*?)(a*)$', 'aa', [0, 2, 0, 0, 0, 2]],
  ['(?U:(a+)(a*))', 'aa', [0, 1, 0, 1, 1, 1]],
  ['(a+?)(b?)', 'aab', [0, 1, 0, 1, 1, 1]],
  ['(|a)(b|)', 'ab', [0, 0, 0, 0, 0, 0]],
  ['((a)|(b))+', 'aba', [0, 3, 2, 3, 2, 3, 1, 2]],
  ['x(?P<n>a)?|(?P<n>b)', 'cb', [1, 2, -1, -1, 1, 2]],
  ['(\\w+)-(\\d+)$', 'main-abc-17', [5, 11, 5, 8, 9, 11]],
  ['\\b(\\w)(\\w*)\\b', '-ab c', [1, 3, 1, 2, 2, 3]],
  ['(^a|b)(c$)', 'abc', [1, 3, 1, 2, 2, 3]],
  ['([ -~]+)', '\u001fa ~', [1, 4, 1, 4]],
  ['(~)| ', 'a ~', [1, 2, -1, -1]],
  ['(a)|(b)|(c)|(d)', 'd', [0, 1, -1, -1, -1, -1, -1, -1, 0, 1]],
  ['(?:a(b)?)*', 'abaab', [0, 5, 4, 5]],
  ['(a{2})(a{1,2})', 'aaaa', [0, 4, 0, 2, 2, 4]],
  ['()(b)', 'ab', [1, 2, 1, 1, 1, 2]],
  ['(.)(.)(.)$', 'abcde', [2, 5, 2, 3, 3, 4, 4, 5]],
  ['(?i)(K)(s)', 'aks', [1, 3, 1, 2, 2, 3]],
  ['([^-]+)-([^-]+)-?', 'a-b-c', [0, 4, 0, 1, 2, 3]],
  ['(a|b)*?c', 'abac', [0, 4, 2, 3]],
  ['(?m:^)(a)', 'ba', []],
];

/** No part of it comes again soon: every place in it is another state. */
const scattered = Array.from({ length: 600 }, (_, at) =>
  (Math.imul(at * at, 0x9e3779b1) >>> 13) & 1 ? 'a' : 'b',
).join('');

function groupsOf(pattern: string): readonly number[] {
  return compiled(pattern).groupNames.map((_, group) => group);
}

/** The pattern, and how often re2js was asked to search for it. */
function counted(text: string): { readonly pattern: Pattern; readonly count: () => number } {
  const pattern = compiled(text);
  let searches = 0;
  const search = (tag: string): Match | undefined => {
    searches++;
    return pattern.search(tag);
  };
  return { pattern: { ...pattern, search }, count: () => searches };
}

describe('createSearch: answers of Go', () => {
  for (const [pattern, text, match] of table) {
    it(`finds ${pattern} in ${JSON.stringify(text)}`, () => {
      const { pattern: expression, count } = counted(pattern);
      const search = createSearch(expression, groupsOf(pattern));
      // Again, with all tables filled.
      for (let round = 0; round < 2; round++) assert.deepEqual(Array.from(search(text) ?? []), match);
      assert.equal(count(), /[\u0020-\u007e]/.test(text) && !/[^\u0020-\u007e]/.test(text) ? 0 : 2);
    });
  }

  it('fills the slots of the groups that are asked for, and overlooks those that the pattern does not have', () => {
    const search = createSearch(compiled('(a)(b)'), [2, 3, 99]);
    assert.deepEqual(Array.from(search('xab') ?? []), [-1, -1, -1, -1, 2, 3]);
    assert.equal(search('xa'), undefined);
    assert.deepEqual(Array.from(search('abab') ?? []), [-1, -1, -1, -1, 1, 2]);
  });

  it('is right about every kind of character, in any order of tags', () => {
    const characters = ['a', 'Z', '0', '_', '-', ' ', '~', '\u001f', '\u007f', '\n', 'é', '\u{1f600}'];
    const texts = fc.array(fc.string({ unit: fc.constantFrom(...characters), maxLength: 6 }), { maxLength: 8 });
    const edges = [
      '([ -~]+)',
      '([^a])(.?)',
      '(\\W)\\b(.)',
      '(?s:(.)(.))$',
      '(?m:^(.)$)',
      '(\\pL+)',
      '(~| )+$',
      '(é|a)*',
    ];
    fc.assert(
      fc.property(fc.oneof(anchored, fc.constantFrom(...edges)), texts, (pattern, tags) => {
        const expression = compiled(pattern);
        const search = createSearch(expression, groupsOf(pattern));
        for (const tag of tags) {
          const expected = Array.from(expression.search(tag) ?? []);
          assert.deepEqual(Array.from(search(tag) ?? []), expected, JSON.stringify([pattern, tag]));
        }
      }),
    );
  });

  it('answers for tags without re2js, and asks it for what the tables leave out', () => {
    fc.assert(
      fc.property(anchored, fc.array(shortTexts, { maxLength: 8 }), (text, tags) => {
        const { pattern, count } = counted(text);
        const search = createSearch(pattern, groupsOf(text));
        const test = createSearch(pattern, []);
        for (const tag of tags) assert.equal(search(tag) === undefined, test(tag) === undefined);
        assert.equal(count(), 0, text);
      }),
    );
    for (const [text, tag, asked] of [
      ['a(.)', 'xab', 0],
      ['(?m)^b(c)', 'a\nbc', 1],
      ['(é+)x', 'aéx', 1],
      ['(a)$', 'a\u007f', 1],
      ['^(?:a|b)*a(?:a|b){12}(c)$', `${scattered}a${'ab'.repeat(6)}c`, 1],
      [`(${'a?'.repeat(45)})${'a?'.repeat(45)}b`, 'a'.repeat(40), 0],
    ] as const) {
      const { pattern, count } = counted(text);
      const found = createSearch(pattern, [0, 1])(tag);
      assert.equal(count(), asked, text);
      assert.deepEqual(Array.from(found ?? []), Array.from(pattern.search(tag) ?? []), text);
    }
  });

  it('is right about large patterns', () => {
    const letters = 'abcdefghij'.split('').map((letter) => `(${letter}{40})`);
    const pattern = `^(?:${letters.join('|')})(x?)$`;
    const search = createSearch(compiled(pattern), groupsOf(pattern));
    for (const tag of ['c'.repeat(40), `${'j'.repeat(40)}x`, 'c'.repeat(39), 'x', '', 'a'.repeat(41)]) {
      assert.deepEqual(Array.from(search(tag) ?? []), Array.from(compiled(pattern).search(tag) ?? []), tag);
    }
  });
});
