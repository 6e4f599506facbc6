import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { legalTag } from '../../../src/model/image';
import { proveEmpty, proveInclusion, proveOverlap, typingBudget } from '../../../src/policy/prove';
import { anchored, compiled } from './arbitraryPatterns';

/** All legal tags of up to four of these characters: enough to tell the atoms of our patterns apart, but for `[^a]`. */
const characters = ['a', 'b', '0', '-', '.', 'A', '_'];

function allTags(length: number): readonly string[] {
  if (length === 0) return [''];
  const shorter = allTags(length - 1);
  return [
    ...shorter,
    ...shorter.filter((tag) => tag.length === length - 1).flatMap((tag) => characters.map((next) => tag + next)),
  ];
}
const tags = allTags(4).filter((tag) => legalTag.test(tag));

/** The proof is right about every short tag, and its witness is real and no longer than any of them. */
function assertRight(proof: object, isWitness: (tag: string) => boolean, what: string): void {
  assert.ok(!('undecided' in proof), what);
  const witness = 'witness' in proof ? String(proof.witness) : undefined;
  const shortest = tags.find(isWitness);
  if (witness === undefined) return assert.equal(shortest, undefined, what);
  assert.ok(legalTag.test(witness) && isWitness(witness), `${what}: ${witness}`);
  assert.ok(shortest === undefined || witness.length <= shortest.length, `${what}: ${witness}, ${shortest}`);
}

describe('prove', () => {
  it('is right about all short tags', () => {
    fc.assert(
      fc.property(anchored, anchored, (first, second) => {
        const one = compiled(first);
        const other = compiled(second);
        const what = `${first} and ${second}`;
        assertRight(proveInclusion(one, other), (tag) => one.test(tag) && !other.test(tag), what);
        assertRight(proveOverlap(one, other), (tag) => one.test(tag) && other.test(tag), what);
        assertRight(proveEmpty(one), (tag) => one.test(tag), what);
        assert.deepEqual(proveInclusion(one, one), { included: true });
      }),
      { numRuns: 300 },
    );
  });

  const inclusions: readonly (readonly [pattern: string, within: string, proof: object])[] = [
    ['^production-v(?P<v>[0-9.]+)-(?P<ts>[0-9]+)$', '^production-.*$', { included: true }],
    ['production-v(?P<v>[0-9.]+)-(?P<ts>[0-9]+)$', '^production-.*$', { witness: 'xproduction-v1-1' }],
    ['^main-[a-fA-F0-9]+-(?P<ts>.*)', '^main-[a-f0-9]+-(?P<ts>[0-9]+)$', { witness: 'main-a-' }],
    ['(?i)^PRODUCTION-v\\d+$', '^production-.*$', { witness: 'productioN-v1' }],
    ['^(staging|production)-', '^production-', { witness: 'staging-' }],
    ['', '^', { included: true }],
    ['^.{129}', '^x', { included: true }],
  ];
  for (const [pattern, within, proof] of inclusions) {
    it(`compares ${pattern} with ${within}`, () => {
      assert.deepEqual(proveInclusion(compiled(pattern), compiled(within)), proof);
    });
  }

  it('knows what a registry accepts', () => {
    for (const pattern of ['^-', '^\\.', '\\+', ' ', '^.{129}$', '^$', 'a\\bb', '\\n']) {
      assert.deepEqual(proveEmpty(compiled(pattern)), { empty: true }, pattern);
    }
    assert.deepEqual(proveEmpty(compiled('^.{128}$')), { witness: 'x'.repeat(128) });
    assert.deepEqual(proveOverlap(compiled('^production-'), compiled('^staging-')), { disjoint: true });
    assert.deepEqual(proveOverlap(compiled('^production-'), compiled('-v1$')), { witness: 'production-v1' });
  });

  it('says in words that it did not decide, in bounded work', () => {
    const proof = proveInclusion(compiled('^.*a.{60}$'), compiled('^.*b.{60}$'), typingBudget);
    assert.ok('undecided' in proof && proof.undecided.startsWith('Not decided within 10000 steps'));
    for (const text of ['(a?){500}a{500}', '(((a{0,10}){0,10}){0,10})x$', '(\\pL{500}){2}', '(.{500}|b{500}){2}']) {
      const pattern = compiled(text);
      proveInclusion(pattern, pattern, typingBudget);
      proveOverlap(pattern, pattern, typingBudget);
    }
  });
});
