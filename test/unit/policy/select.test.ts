import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PolicySpec } from '../../../src/model/flux';
import { createPatternCache } from '../../../src/policy/pattern';
import { type Selection, type SelectOptions, select } from '../../../src/policy/select';

function outcome(selection: Selection): string {
  if (selection.kind === 'tag') return selection.tag;
  if (selection.kind === 'ambiguous') return `any of ${selection.tags.join(' ')}`;
  return `error ${selection.error}`;
}

const numerical = { numerical: {} };
const alphabetical = { alphabetical: { order: 'asc' } };
const semver = (range: string): object => ({ semver: { range } });
const stamped = '^main-[a-f0-9]+-(?P<ts>[0-9]+)$';
const loose = '^prod-v[0-9]+.[0-9]+.[0-9]+$';

/** Tags, pattern (none: no filter), extract, policy, outcome; flux-facts.md section 10, run on the original code. */
const table: readonly (readonly [string, string | undefined, string, object, string])[] = [
  ['main-aaa-3 main-bbb-2 main-ccc-1', stamped, '$ts', numerical, 'main-aaa-3'],
  ['main-aaa-3 main-bbb-2 main-ccc-1', stamped, 'ts', alphabetical, 'main-aaa-3'],
  ['main-aaa-3 main-bbb-2', stamped, '$timestamp', numerical, "error failed to parse invalid numeric value ''"],
  ['prod-v1.9.0 prod-v1.10.0 prod-v1-9-0', loose, '', alphabetical, 'prod-v1.9.0'],
  ['prod-0aaa-20260101 prod-ffff-20200101', '^prod-', '', alphabetical, 'prod-ffff-20200101'],
  ['2024.01.02 zz-2020.01.01 x2024.01.02', '\\b\\d{4}\\.\\d{2}\\.\\d{2}\\b', '', alphabetical, 'zz-2020.01.01'],
  ['v1.2.3-rc.9 v1.2.3-rc.10', undefined, '', semver('>=1.0.0-0'), 'v1.2.3-rc.10'],
  ['v1.2.3 1.2.3', undefined, '', semver('*'), 'v1.2.3'],
  ['v1.2.3 1.2.3', '.*', '', semver('*'), 'any of v1.2.3 1.2.3'],
  ['v1.2.3 1.2.3', '^v?(?P<v>.*)$', '$v', semver('*'), '1.2.3'],
  ['01 1 001', undefined, '', numerical, '001'],
  ['01 1 001', '.*', '', numerical, 'any of 1 01 001'],
  ['20240101120000123 20240101120000124', '.*', '', numerical, 'any of 20240101120000124 20240101120000123'],
  ['nan 1 2', '.*', '', numerical, 'any of nan 2'],
  ['nan 1 2', undefined, '', numerical, '2'],
  ['1 2 10', undefined, '', { numerical: { order: 'desc' } }, '1'],
  ['1 2 10', undefined, '', { alphabetical: { order: 'desc' } }, '1'],
  ['1 2 10', undefined, '', numerical, '10'],
  ['1 2 10', undefined, '', alphabetical, '2'],
  ['latest 1.0.0 2.0.0', undefined, '', alphabetical, 'latest'],
  ['latest 1.0.0', undefined, '', numerical, "error failed to parse invalid numeric value 'latest'"],
  ['a b', '^c', '', numerical, 'error version list argument cannot be empty'],
  ['a b', undefined, '', semver('*'), 'error unable to determine latest version from provided list'],
  ['a b', '', '', alphabetical, 'b'],
  ['a', undefined, '', {}, 'error invalid policy: given ImagePolicyChoice object is invalid'],
  ['a', '(', '', semver('latest'), 'error invalid policy: improper constraint: "latest"'],
  ['1.0.0 2', undefined, '', { ...numerical, ...semver('*') }, '1.0.0'],
  ['2 1.5', undefined, '', { ...numerical, ...alphabetical }, '2'],
  [
    'a',
    undefined,
    '',
    { numerical: { order: 'up' } },
    "error invalid policy: invalid order argument provided: 'UP', must be one of: ASC, DESC",
  ],
];

function choose(
  tags: string,
  pattern: string | undefined,
  extract: string,
  policy: object,
  options: SelectOptions = {},
): string {
  const spec: PolicySpec = { policy, ...(pattern === undefined ? {} : { filterTags: { pattern, extract } }) };
  return outcome(select(spec, tags.split(' '), options));
}

describe('select', () => {
  for (const [tags, pattern, extract, policy, expected] of table) {
    it(`selects from ${tags} by ${JSON.stringify(policy)} on ${pattern ?? 'all'} ${extract}`, () => {
      assert.equal(choose(tags, pattern, extract, policy), expected);
      assert.equal(choose(tags.split(' ').toReversed().join(' '), pattern, extract, policy), expected);
    });
  }

  it('gives every answer that a random walk may give, NaN included', () => {
    const many = Array.from({ length: 9 }, (_, number) => String(number)).join(' ');
    assert.equal(choose(`nan ${many}`, '.*', '', numerical), `any of nan ${many.split(' ').toReversed().join(' ')}`);
    const selection = select({ filterTags: { pattern: '.' }, policy: numerical }, ['x', 'y', '1']);
    assert.ok(selection.kind === 'error');
    assert.deepEqual(
      selection.errors,
      ['x', 'y'].map((key) => `failed to parse invalid numeric value '${key}'`),
    );
  });

  it('changes with the release of Flux', () => {
    const range = semver('>=1.0.0-0 <2.0.0');
    assert.equal(choose('1.0.0 2.0.0-rc.1', undefined, '', range, { flux: '2.6' }), '1.0.0');
    assert.equal(choose('1.0.0 2.0.0-rc.1', undefined, '', range, { flux: 'v2.7.3' }), '2.0.0-rc.1');
    assert.equal(choose('1.0.0 2.0.0-rc.1', undefined, '', semver('!=1.2.3'), { flux: '2.6' }), '2.0.0-rc.1');
    assert.equal(choose('1.0.0 2.0.0-rc.1', undefined, '', semver('!=1.2.3')), '1.0.0');
    assert.equal(choose('1.02.0 1.0.0', undefined, '', semver('*'), { flux: '2.6' }), '1.0.0');
    assert.equal(choose('1.02.0 1.0.0', undefined, '', semver('*')), '1.02.0');
    assert.equal(choose('1.2.3 v1.2.3', undefined, '', semver('*'), { flux: '2.6' }), '1.2.3');
    assert.equal(choose('b-1 a-1 c-1', '-(.*)', '$1', alphabetical, { flux: '2.6' }), 'c-1');
    assert.equal(choose('b-1 a-1 c-1', '-(.*)', '$1', alphabetical, { flux: '2.7' }), 'a-1');
    assert.equal(
      choose('1.0.0', undefined, '', semver('latest'), { flux: '2.8' }),
      'error invalid policy: improper constraint: latest',
    );
    assert.equal(choose('a', '(?<n>a)', '', alphabetical, { flux: '2.3' }), 'a');
    assert.match(choose('a', '(?<n>a)', '', alphabetical, { flux: '2.2' }), /`\(\?<`$/);
  });

  it('leaves out what the ImageRepository excludes', () => {
    const tags = 'sha256-1.sig b a';
    assert.equal(choose(tags, undefined, '', alphabetical), 'sha256-1.sig');
    assert.equal(choose(tags, undefined, '', alphabetical, { exclude: [] }), 'b');
    assert.equal(choose(tags, undefined, '', alphabetical, { exclude: ['^b'] }), 'sha256-1.sig');
    assert.equal(
      choose(tags, undefined, '', alphabetical, { exclude: ['.'] }),
      'error retrying in 30s error: no tags in database',
    );
    assert.equal(
      choose(tags, undefined, '', alphabetical, { exclude: ['a', '('] }),
      'error scan failed: failed to compile regex (: error parsing regexp: missing closing ): `(`',
    );
  });

  it('tells what became of every tag', () => {
    const spec = {
      filterTags: { pattern: '^(?P<n>v?[0-9.]+)-', extract: '$n' },
      policy: { semver: { range: '<2.0.0' } },
    };
    const tags = ['1.0.0-a', '1.0.0-b', '0.9.0-a', '2.0.0-a', '7-a', 'x', 's.sig'];
    const selection = select(spec, tags, { exclude: [], compile: createPatternCache(10) });
    assert.equal(outcome(selection), '1.0.0-a');
    assert.deepEqual(selection.trace(), [
      { tag: 'x', isMatched: false, dropped: { why: 'unmatched' } },
      { tag: 's.sig', isMatched: false, dropped: { why: 'excluded', by: '^.*\\.sig$' } },
      { tag: '7-a', isMatched: true, key: '7', dropped: { why: 'not-a-version' } },
      { tag: '2.0.0-a', isMatched: true, key: '2.0.0', dropped: { why: 'out-of-range' } },
      { tag: '1.0.0-b', isMatched: true, key: '1.0.0', dropped: { why: 'same-key', by: '1.0.0-a' } },
      { tag: '1.0.0-a', isMatched: true, key: '1.0.0' },
      { tag: '0.9.0-a', isMatched: true, key: '0.9.0', dropped: { why: 'outranked' } },
    ]);
  });

  it('compares by bytes of UTF-8, not by UTF-16 units', () => {
    assert.equal(choose('\u{1f600} \uffee z', undefined, '', alphabetical), '\u{1f600}');
  });

  it('ends soon on patterns and tags made to hurt', function () {
    this.timeout(20_000);
    const tags = Array.from({ length: 10_000 }, (_, number) => `${'a'.repeat(100)}-${number}`);
    for (const pattern of [
      '^(a+)+$',
      '(a|b|c|d)'.repeat(1000),
      '(a?){500}a{500}',
      '((((a*)*)*)*)*b',
      '(\\pL{500}){2}',
      '\u0000[\u0001-\u001f]',
    ]) {
      assert.equal(select({ filterTags: { pattern, extract: '$1' }, policy: alphabetical }, tags).kind, 'error');
    }
    for (const pattern of ['('.repeat(50_000), '('.repeat(1001) + ')'.repeat(1001), 'a'.repeat(20_000)]) {
      assert.equal(select({ filterTags: { pattern }, policy: alphabetical }, ['a\u0007\n\ud800']).kind, 'error');
    }
    const blanks = `1.0.0${'   1'.repeat(120)}!`;
    assert.match(choose('1.0.0', undefined, '', semver(blanks)), /improper constraint/);
  });
});
