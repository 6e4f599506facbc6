import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { compilePattern, createPatternCache } from '../../../src/policy/pattern';

function errorOf(text: string, goMinor = 26): string {
  const pattern = compilePattern(text, { goMinor });
  return pattern.kind === 'pattern-error' ? `${pattern.code}|${pattern.argument}` : 'fine';
}

const perl = 'invalid or unsupported Perl syntax';
const refused: readonly (readonly [pattern: string, code: string, argument: string])[] = [
  ['^(?!latest).*$', perl, '(?!'],
  ['^v(?=1)', perl, '(?='],
  ['(?<!x)a', 'invalid named capture', '(?<!x)a'],
  ['(?>a)', perl, '(?>'],
  ['(?P=n)', perl, '(?P'],
  ["(?'n'a)", perl, "(?'"],
  ['(?x)a', perl, '(?x'],
  ['(?i', perl, '(?i'],
  ['(?m-i-s)a', perl, '(?m-i-'],
  ['(?P<n', 'invalid named capture', '(?P<n'],
  ['(?P<', perl, '(?P'],
  ['(?<', perl, '(?<'],
  ['(?P<>a)', 'invalid named capture', '(?P<>'],
  ['(?P<a-b>x)', 'invalid named capture', '(?P<a-b>'],
  ['(a)\\1', 'invalid escape sequence', '\\1'],
  ['\\Z', 'invalid escape sequence', '\\Z'],
  ['\\u0041', 'invalid escape sequence', '\\u'],
  ['[a-\\d]', 'invalid escape sequence', '\\d'],
  ['a++', 'invalid nested repetition operator', '++'],
  ['a{2}{3}', 'invalid nested repetition operator', '{2}{3}'],
  ['\\d{1001}', 'invalid repeat count', '{1001}'],
  ['(a{100}){11}', 'invalid repeat count', '{11}'],
  ['a{5,2}', 'invalid repeat count', '{5,2}'],
  ['[z-a]', 'invalid character class range', 'z-a'],
  ['[[:foo:]]', 'invalid character class range', '[:foo:]'],
  ['[[:]alpha:]]', 'invalid character class range', '[:]alpha:]'],
  ['\\p{Foo}', 'invalid character class range', '\\p{Foo}'],
  ['\\p{Old_Italic}', 'invalid character class range', '\\p{Old_Italic}'],
  ['[a', 'missing closing ]', '[a'],
  ['x[]', 'missing closing ]', '[]'],
  ['(a', 'missing closing )', '(a'],
  ['(?P<n>a)(?P<n>b', 'missing closing )', '(?P<n>a)(?P<n>b'],
  ['a)', 'unexpected )', 'a)'],
  ['a|*', 'missing argument to repetition operator', '*'],
  ['a\\', 'trailing backslash at end of expression', ''],
  ['\ud800', 'invalid UTF-8', '\ud800'],
];

describe('compilePattern', () => {
  for (const [pattern, code, argument] of refused) {
    it(`refuses ${JSON.stringify(pattern)} in Go's words`, () => assert.equal(errorOf(pattern), `${code}|${argument}`));
  }

  it('gives Go’s whole text, also behind a trailing backslash', () => {
    const pattern = compilePattern('a\\');
    assert.ok(pattern.kind === 'pattern-error');
    assert.equal(pattern.message, 'error parsing regexp: trailing backslash at end of expression: ``');
    assert.deepEqual(pattern.range, { start: 1, end: 2 });
  });

  it('tells where: the open parenthesis, the one too many, the named part, else the whole', () => {
    const rangeOf = (text: string): readonly number[] => {
      const pattern = compilePattern(text);
      return pattern.kind === 'pattern-error' ? [pattern.range.start, pattern.range.end] : [];
    };
    assert.deepEqual(rangeOf('a(b[()]'), [1, 2]);
    assert.deepEqual(rangeOf('a(b))c'), [4, 5]);
    assert.deepEqual(rangeOf('ab{2,1}'), [2, 7]);
    assert.deepEqual(rangeOf('x[ab'), [1, 4]);
    assert.deepEqual(rangeOf('\\Z\\Z'), [0, 4]);
  });

  it('accepts what only newer Go accepts by its release', () => {
    assert.equal(errorOf('(?<n>a)', 22), 'fine');
    assert.equal(errorOf('(?<n>a)', 21), `${perl}|(?<`);
    assert.equal(errorOf('a**(?<n>a)', 21), 'invalid nested repetition operator|**');
    assert.equal(errorOf('a)(?<n>a)', 21), 'unexpected )|a)(?<n>a)');
    assert.equal(errorOf('((?<n>a)', 21), `${perl}|(?<`);
    assert.equal(errorOf('[(?<n>a)](b', 21), 'missing closing )|[(?<n>a)](b');
    assert.equal(errorOf('\\p{letter}\\pn\\P{^Uppercase Letter}', 25), 'fine');
    assert.equal(errorOf('\\p{letter}', 24), 'invalid character class range|\\p{letter}');
  });

  it('keeps group names, repeated ones too, and finds the leftmost match anywhere', () => {
    const pattern = compilePattern('(?P<n>a)|(x)(?P<n>[[:digit:]]|[(?P<n>)])(?<m>\\Q(?P<n>\\E)?');
    assert.ok(pattern.kind === 'pattern');
    assert.deepEqual(pattern.groupNames, ['', 'n', '', 'n', 'm']);
    assert.deepEqual(Array.from(pattern.search('zx1') ?? []), [1, 3, -1, -1, 1, 2, 2, 3, -1, -1]);
    assert.equal(pattern.search('zy'), undefined);
    assert.ok(pattern.test('zza') && !pattern.test(''));
  });

  it('keeps the last value of a repeated group, as Go does', () => {
    const pattern = compilePattern('(?:(a)|b)*');
    assert.ok(pattern.kind === 'pattern');
    assert.deepEqual(Array.from(pattern.search('ab') ?? []), [0, 2, 0, 1]);
  });

  it('reads a class with [:] as Go does', () => {
    const pattern = compilePattern('^[^[:]$');
    assert.ok(pattern.kind === 'pattern');
    assert.deepEqual([pattern.test('['), pattern.test(':'), pattern.test('a')], [false, false, true]);
  });
});

describe('createPatternCache', () => {
  it('compiles once, and forgets the one that was not asked for the longest', () => {
    const compile = createPatternCache(2);
    const first = compile('a');
    const second = compile('b');
    assert.equal(compile('a'), first);
    compile('c');
    assert.equal(compile('a'), first);
    assert.notEqual(compile('b'), second);
    assert.notEqual(compile('(?<n>a)', { goMinor: 21 }).kind, compile('(?<n>a)').kind);
  });
});
