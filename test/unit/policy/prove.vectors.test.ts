import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { legalTag } from '../../../src/model/image';
import { compilePattern, type Pattern } from '../../../src/policy/pattern';
import { proveInclusion, proveOverlap } from '../../../src/policy/prove';
import { readVectors } from './vectors';

interface ProveVector {
  readonly pattern: string;
  readonly within: string;
  /** Lengths of shortest tags, up to 6 characters of `a b - 0 .`; -1 for none. */
  readonly shortestWitnessUpTo6: number;
  readonly shortestOverlapUpTo6: number;
}

function isProveVector(value: unknown): value is ProveVector {
  return typeof value === 'object' && value !== null && 'pattern' in value && 'shortestOverlapUpTo6' in value;
}

function compiled(text: string): Pattern {
  const pattern = compilePattern(text);
  assert.ok(pattern.kind === 'pattern', text);
  return pattern;
}

/**
 * The recorded alphabet is small: a witness from the whole alphabet may be shorter, or there where none was found, but
 * never longer.
 */
function assertAtMost(proof: object, recorded: number, holds: (tag: string) => boolean, what: string): void {
  assert.ok(!('undecided' in proof), what);
  const witness = 'witness' in proof && typeof proof.witness === 'string' ? proof.witness : undefined;
  if (witness === undefined) return assert.equal(recorded, -1, what);
  assert.match(witness, legalTag);
  assert.ok(holds(witness), `${what}: ${witness}`);
  if (recorded >= 0) assert.ok(witness.length <= recorded, `${what}: ${witness}`);
  // A shorter one than recorded has to use a character that the recorder did not know.
  const isRecordable = witness.length <= 6 && /^[-ab0.]*$/.test(witness);
  if (witness.length !== recorded) assert.ok(!isRecordable, `${what}: ${witness}`);
}

describe('prove: answers recorded from the original Go code', () => {
  it('finds shortest witnesses and overlaps, and none where there is none', () => {
    for (const vector of readVectors('prove.jsonl.gz', isProveVector)) {
      const pattern = compiled(vector.pattern);
      const within = compiled(vector.within);
      const what = JSON.stringify(vector);
      const crosses = (tag: string): boolean => pattern.test(tag) && !within.test(tag);
      assertAtMost(proveInclusion(pattern, within), vector.shortestWitnessUpTo6, crosses, what);
      const shared = (tag: string): boolean => pattern.test(tag) && within.test(tag);
      assertAtMost(proveOverlap(pattern, within), vector.shortestOverlapUpTo6, shared, what);
    }
  });
});
