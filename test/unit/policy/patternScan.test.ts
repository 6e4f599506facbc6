import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type PatternScan, scanPattern } from '../../../src/policy/patternScan';

const nothing: PatternScan = { openings: [], unclosed: [], unexpected: [], properties: [], plainBrackets: [] };
const open = (...starts: readonly number[]): Partial<PatternScan> => ({
  openings: starts.map((start) => ({ start })),
  unclosed: starts,
});

/** What stands where, by Go's syntax; everything that is not named is not there. */
const table: readonly (readonly [pattern: string, found: Partial<PatternScan>])[] = [
  ['', {}],
  ['a(b(c)', { openings: [{ start: 1 }, { start: 3 }], unclosed: [1] }],
  ['a)(b))', { openings: [{ start: 2 }], unexpected: [1, 5] }],
  ['(?P<n1>a)', { openings: [{ start: 0, name: { start: 4, end: 6 } }] }],
  ['x(?<n_1>a)', { openings: [{ start: 1, name: { start: 4, end: 7 } }] }],
  ['(?P<>a)(?<a-b>c)(?=d)(?:e)', { openings: [0, 7, 16, 21].map((start) => ({ start })) }],
  ['\\((', open(2)],
  ['\\\\(', open(2)],
  ['[(](', open(3)],
  ['[^(](', open(4)],
  ['[]()](', open(5)],
  ['[^]()](', open(6)],
  ['[a](]', open(3)],
  ['[\\]()](', open(6)],
  ['[(', {}],
  ['[^', {}],
  ['[[:alpha:](](', open(12)],
  ['[[:alpha:]](', open(11)],
  ['[[:^alpha:](](', open(13)],
  ['[[:](', { ...open(4), plainBrackets: [1] }],
  ['[^a[:](', { ...open(6), plainBrackets: [3] }],
  ['[:](', open(3)],
  ['[a[](', open(4)],
  ['\\Q(\\E(', open(5)],
  ['\\Q[\\E(', open(5)],
  ['\\Q(', {}],
  ['\\Q\\E(', open(4)],
  ['a\\Q)', {}],
  ['\\pL(', { ...open(3), properties: [{ start: 0, end: 3 }] }],
  ['a\\P{^Greek}(', { ...open(11), properties: [{ start: 1, end: 11 }] }],
  ['[\\p{L}](', { ...open(7), properties: [{ start: 1, end: 6 }] }],
  ['\\p{L(', open(4)],
  ['\\q{L}(', open(5)],
];

describe('scanPattern', () => {
  for (const [pattern, found] of table) {
    it(`scans ${pattern}`, () => assert.deepEqual(scanPattern(pattern), { ...nothing, ...found }));
  }
});
