import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PolicySpec } from '../../../src/model/flux';
import { type Selection, type SelectionError, type SelectOptions, select } from '../../../src/policy/select';

function selectFrom(
  tags: string,
  policy: PolicySpec['policy'],
  pattern?: string,
  options: SelectOptions = {},
): Selection {
  const filter = pattern === undefined ? {} : { filterTags: { pattern } };
  return select({ ...(policy ? { policy } : {}), ...filter }, tags.split(' '), options);
}

function outcome(selection: Selection): string {
  if (selection.kind === 'error') return selection.error;
  return selection.kind === 'tag' ? selection.tag : `any of ${selection.tags.join(' ')}`;
}

const refused = "failed to parse invalid numeric value '";

/** Numbers, by the original code in three thousand runs each (`ask: select` of the oracle); `2.6` does not sort the tags. */
const numbers: readonly (readonly [tags: string, pattern: string | undefined, order: string, flux: string, string])[] =
  [
    ['nan 9 10', undefined, 'asc', '2.9', '10'],
    ['nan 1 01', undefined, 'asc', '2.9', '01'],
    ['nan NaN', undefined, 'asc', '2.9', 'NaN'],
    ['nan NaN', '.*', 'asc', '2.9', 'any of nan NaN'],
    ['nan 2 1 3', '.*', 'asc', '2.9', 'any of nan 3'],
    ['nan 2 1 3', '.*', 'desc', '2.9', 'any of nan 3 2 1'],
    ['nan 1 2 3 4 5 6 7', '.*', 'asc', '2.9', 'any of nan 7'],
    ['nan 1 2 3 4 5 6 7 8', '.*', 'asc', '2.9', 'any of nan 8 7 6 5 4 3 2 1'],
    ['nan 10 9 11', undefined, 'desc', '2.9', '9'],
    ['0 1 2 3 4 5 6 7 8', '.*', 'asc', '2.9', '8'],
    ['0 1 2 3 4 5 6 7 8 9', '.*', 'desc', '2.9', '0'],
    ['-5 -7 0', undefined, 'asc', '2.9', '0'],
    ['-5 -7', '', 'asc', '2.9', '-5'],
    ['-5 -7', '', 'desc', '2.9', '-7'],
    ['0 00 -0', undefined, 'asc', '2.9', '-0'],
    ['inf 1', undefined, 'asc', '2.9', 'inf'],
    ['1_0 9', undefined, 'asc', '2.9', '1_0'],
    ['x 1 y', undefined, 'asc', '2.9', `${refused}y'`],
    ['x 1 y', undefined, 'asc', '2.6', `${refused}x'`],
    ['1 01 001 0', undefined, 'asc', '2.6', '001'],
    ['01 1', undefined, 'asc', '2.6', '1'],
    ['nan 1 2 3', undefined, 'asc', '2.6', '3'],
    ['3 nan 1 2', undefined, 'asc', '2.6', '2'],
  ];

function errorOf(selection: Selection): Omit<SelectionError, 'trace'> {
  assert.ok(selection.kind === 'error');
  const { trace: _, ...error } = selection;
  return error;
}

describe('select among numbers', () => {
  for (const [tags, pattern, order, flux, expected] of numbers) {
    it(`selects from ${tags} ${order} on ${pattern ?? 'all'} by Flux ${flux}`, () => {
      assert.equal(outcome(selectFrom(tags, { numerical: { order } }, pattern, { flux })), expected);
    });
  }
});

/** flux-facts.md section 2.2: what the condition says, and whether Flux waits for a change of the object. */
describe('select: failures', () => {
  const semver = { semver: { range: '>=1.0.0' } };

  it('gives reason and text of the condition', () => {
    assert.deepEqual(errorOf(selectFrom('a', undefined)), {
      kind: 'error',
      error: 'invalid policy: given ImagePolicyChoice object is invalid',
      reason: 'InvalidPolicy',
      isStalled: true,
    });
    assert.deepEqual(errorOf(selectFrom('a', semver, '(')), {
      kind: 'error',
      error:
        "failed to filter tags: invalid regular expression pattern '(': error parsing regexp: missing closing ): `(`",
      reason: 'InvalidPolicy',
      isStalled: true,
    });
    assert.deepEqual(errorOf(selectFrom('a', semver, 'b')), {
      kind: 'error',
      error: 'version list argument cannot be empty',
      reason: 'Failure',
      isStalled: false,
    });
    assert.deepEqual(errorOf(selectFrom('x y 1', { numerical: {} }, '.')), {
      kind: 'error',
      error: `${refused}x'`,
      errors: [`${refused}x'`, `${refused}y'`],
      reason: 'Failure',
      isStalled: false,
    });
    assert.deepEqual(errorOf(selectFrom('a', semver, '', { exclude: ['a'] })), {
      kind: 'error',
      error: 'retrying in 30s error: no tags in database',
      reason: 'DependencyNotReady',
      isStalled: false,
    });
    assert.deepEqual(errorOf(selectFrom('a', semver, '', { exclude: ['(?<n>a)'], flux: '2.2' })), {
      kind: 'error',
      error:
        'scan failed: failed to compile regex (?<n>a): error parsing regexp: invalid or unsupported Perl syntax: `(?<`',
      reason: 'ReadOperationFailed',
      isStalled: false,
    });
  });

  it('traces the tags, in stored order, as far as Flux came', () => {
    const unseen = [
      { tag: 'b', isMatched: false },
      { tag: 'a', isMatched: false },
    ];
    assert.deepEqual(selectFrom('a b', {}).trace(), unseen);
    assert.deepEqual(selectFrom('a b', semver, '(').trace(), unseen);
    assert.deepEqual(selectFrom('a b', semver, '', { exclude: ['('] }).trace(), unseen);
    assert.deepEqual(selectFrom('a b', {}, '', { flux: '2.6' }).trace(), unseen.toReversed());
    assert.deepEqual(selectFrom('a 1.2.3', semver, 'x').trace(), [
      { tag: 'a', isMatched: false, dropped: { why: 'unmatched' } },
      { tag: '1.2.3', isMatched: false, dropped: { why: 'unmatched' } },
    ]);
    assert.deepEqual(selectFrom('a', semver, '', { exclude: ['^a'] }).trace(), [
      { tag: 'a', isMatched: false, dropped: { why: 'excluded', by: '^a' } },
    ]);
    assert.deepEqual(selectFrom('a 0.1.0', semver).trace(), [
      { tag: 'a', isMatched: true, key: 'a', dropped: { why: 'not-a-version' } },
      { tag: '0.1.0', isMatched: true, key: '0.1.0', dropped: { why: 'out-of-range' } },
    ]);
    assert.deepEqual(selectFrom('1 x', { numerical: {} }).trace(), [
      { tag: 'x', isMatched: true, key: 'x', dropped: { why: 'not-a-number' } },
      { tag: '1', isMatched: true, key: '1', dropped: { why: 'outranked' } },
    ]);
    assert.deepEqual(selectFrom('b a', { alphabetical: {} }).trace(), [
      { tag: 'b', isMatched: true, key: 'b' },
      { tag: 'a', isMatched: true, key: 'a', dropped: { why: 'outranked' } },
    ]);
  });

  it('counts as excluded only what a rule takes away', () => {
    const stored = { alphabetical: {} };
    assert.equal(outcome(selectFrom('z y.sig', stored, undefined, { exclude: ['x', 'z'] })), 'y.sig');
    assert.equal(outcome(selectFrom('a.sig', stored)), 'a.sig');
    assert.equal(outcome(selectFrom('z.sig a.sig.x', stored, undefined, { exclude: [] })), 'a.sig.x');
    assert.equal(outcome(selectFrom('z\n.sig a', stored, undefined, { exclude: [] })), 'z\n.sig');
  });
});
