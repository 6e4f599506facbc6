import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseExclusion } from '../../../src/policy/exclusion';
import { parseFilter, wholeTag } from '../../../src/policy/filter';
import { compilePattern, createPatternCache } from '../../../src/policy/pattern';
import { parsePolicer } from '../../../src/policy/policer';
import { parseRelease } from '../../../src/policy/release';

function read(text: string, goMinor = 26): readonly (string | number)[] {
  const pattern = compilePattern(text, { goMinor });
  if (pattern.kind === 'pattern') return pattern.groupNames;
  return [pattern.code, pattern.argument, pattern.range.start, pattern.range.end];
}

const deep = `${'('.repeat(1001)}a${')'.repeat(1001)}`;
const renamed = '(?P<n>\\p{letter})(?P<n>\\p{digit})';

/** Go's error with its part, and where that is; or the names of the groups. Answered by Go 1.26. */
const table: readonly (readonly [pattern: string, answer: readonly (string | number)[]])[] = [
  ['ab\ud800c', ['invalid UTF-8', '\ud800c', 2, 4]],
  [deep, ['expression nests too deeply', deep, 0, deep.length]],
  ['[a][a', ['missing closing ]', '[a', 3, 5]],
  ['\\Zab', ['invalid escape sequence', '\\Z', 0, 2]],
  ['a**b**', ['invalid nested repetition operator', '**', 0, 6]],
  ['\\p{L}\\p{letter}(a', ['missing closing )', '\\p{L}\\p{letter}(a', 15, 16]],
  ['\\p{letter}\\p{L}\\pL(a', ['missing closing )', '\\p{letter}\\p{L}\\pL(a', 18, 19]],
  ['\\p{letter}**', ['invalid nested repetition operator', '**', 10, 12]],
  ['\\p{digit}{5,2}', ['invalid repeat count', '{5,2}', 9, 14]],
  ['[\\d-\\p{digit}z-a]', ['invalid character class range', 'z-a', 13, 16]],
  ['(?P<n>a)(?P<n>b\\p{lu}**)', ['invalid nested repetition operator', '**', 21, 23]],
  ['(?P<n>a)(?P<n>b)(?P<again0_n>c)', ['', 'n', 'n', 'again0_n']],
  [`${renamed}[[:]`, ['', 'n', 'n']],
  [`${renamed}[[:](`, ['missing closing )', `${renamed}[[:](`, 37, 38]],
  ['(?i\\pN(a', ['invalid or unsupported Perl syntax', '(?i\\', 0, 4]],
  ['x(?P\\pL**', ['invalid or unsupported Perl syntax', '(?P', 1, 4]],
  [')(', ['unexpected )', ')(', 0, 1]],
];

describe('compilePattern: edges', () => {
  for (const [pattern, answer] of table) {
    it(`reads ${pattern.slice(0, 40)}`, () => assert.deepEqual(read(pattern), answer));
  }

  it('reads classes and names that re2js reads otherwise', () => {
    const pattern = compilePattern(`^${renamed}[[:]$`);
    assert.ok(pattern.kind === 'pattern');
    assert.ok(pattern.test('a1[') && pattern.test('é٣:') && !pattern.test('11[') && !pattern.test('a1a'));
  });

  it('stops at (?< before Go 1.22, whatever is wrong behind it', () => {
    const perl = 'invalid or unsupported Perl syntax';
    assert.deepEqual(read('a(?<n>b)**', 21), [perl, '(?<', 1, 4]);
    assert.deepEqual(read('a(?<n>b))', 21), [perl, '(?<', 1, 4]);
    assert.deepEqual(read('\\p{letter}(?<n>b)', 21), ['invalid character class range', '\\p{letter}', 0, 10]);
  });

  it('keeps answers for releases of Go apart', () => {
    const compile = createPatternCache(3);
    assert.equal(compile('(?<n>a)', { goMinor: 21 }).kind, 'pattern-error');
    assert.equal(compile('(?<n>a)', { goMinor: 22 }).kind, 'pattern');
    assert.equal(compile('(?<n>a)', { goMinor: 21 }).kind, 'pattern-error');
  });
});

describe('the parts of a policy', () => {
  const release = parseRelease('2.9');

  it('are told from their errors by kind', () => {
    assert.equal(wholeTag.kind, 'filter');
    assert.equal(parseFilter({ pattern: 'a' }, release, compilePattern).kind, 'filter');
    assert.equal(parseFilter({ pattern: 'a', extract: '$0' }, release, compilePattern).kind, 'filter');
    assert.equal(parseFilter({ pattern: '(' }, release, compilePattern).kind, 'filter-error');
    for (const exclude of [undefined, [], ['a']]) {
      assert.equal(parseExclusion(exclude, release, compilePattern).kind, 'exclusion');
    }
    assert.equal(parseExclusion(['('], release, compilePattern).kind, 'exclusion-error');
    for (const choice of [{ semver: { range: '*' } }, { alphabetical: {} }, { numerical: {} }]) {
      assert.equal(parsePolicer(choice, release).kind, 'policer');
    }
    assert.equal(parsePolicer({ semver: { range: '' } }, release).kind, 'policer-error');
  });

  it('take every tag where the pattern is left out', () => {
    const filter = parseFilter({ extract: 'v$0' }, release, compilePattern);
    assert.equal(filter.kind === 'filter' && filter.keyOf('1'), 'v');
  });
});
