import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { readLetters, readRows, tagCharacters } from '../../../src/policy/alphabet';
import { createSubsets, createThreads, createWalker, lettersOf, type Meter } from '../../../src/policy/machine';
import { proveEmpty, proveInclusion, proveOverlap, typingBudget } from '../../../src/policy/prove';
import { anchored, compiled, shortTexts } from './arbitraryPatterns';

/** What both machines say of a tag: accepted where it ends; and the deterministic one alone: whatever follows. */
function readTag(pattern: string, tag: string): { threads: boolean; subsets: boolean; isSettled: boolean } {
  const meter: Meter = { left: 1e9 };
  const walker = createWalker(compiled(pattern), meter);
  const letters = lettersOf([walker]);
  const threads = createThreads(walker, letters);
  const subsets = createSubsets(walker, letters, meter);
  const rows = readRows(walker.program, tagCharacters);
  let states: readonly number[] = [threads.start];
  let subset: number = subsets.start;
  for (const character of tag) {
    const at = tagCharacters.indexOf(character);
    const number = letters.findIndex(
      (letter) =>
        /\w/.test(letter.character) === /\w/.test(character) &&
        rows.every((takes) => takes?.[letter.index] === takes?.[at]) &&
        letter.isFirst === !/[-.]/.test(character),
    );
    states = [...new Set(states.flatMap((state) => threads.step(state, number)))];
    const next = subsets.step(subset, number);
    assert.equal(next.length, 1);
    subset = next[0] ?? -1;
  }
  return {
    threads: states.some((state) => threads.accepts(state)),
    subsets: subsets.accepts(subset),
    isSettled: subsets.hasAccepted(subset),
  };
}

describe('machines', () => {
  it('accept a tag where the pattern matches it', () => {
    fc.assert(
      fc.property(anchored, shortTexts, shortTexts, (pattern, tag, more) => {
        const matches = compiled(pattern).test(tag);
        const { threads, subsets, isSettled } = readTag(pattern, tag);
        assert.deepEqual([threads, subsets], [matches, matches], `${pattern} on ${tag}`);
        if (!isSettled) return;
        const longer = readTag(pattern, tag + more);
        assert.ok(longer.threads && longer.subsets && longer.isSettled, `${pattern} on ${tag}${more}`);
      }),
    );
  });

  it('know when nothing that follows can matter', () => {
    assert.deepEqual(readTag('^ab', 'abc'), { threads: true, subsets: true, isSettled: true });
    assert.deepEqual(readTag('^ab', 'xabc'), { threads: false, subsets: false, isSettled: false });
    assert.deepEqual(readTag('ab$', 'xab'), { threads: true, subsets: true, isSettled: false });
    assert.deepEqual(readTag('ab$', 'xabc'), { threads: false, subsets: false, isSettled: false });
    assert.deepEqual(readTag('', 'a'), { threads: true, subsets: true, isSettled: true });
  });
});

describe('readLetters', () => {
  const tables: readonly (readonly [pattern: string, letters: string])[] = [
    ['', 'x-'],
    ['.', 'x-'],
    ['^[ab]c', 'xac-'],
    ['\\d', 'x1-'],
    ['\\.', 'x-.'],
    ['[^a-f]_', 'xa-_'],
    ['(?i)k', 'xk-'],
  ];
  for (const [pattern, expected] of tables) {
    it(`tells apart what ${pattern || 'nothing'} tells apart, the most readable first`, () => {
      const letters = readLetters(readRows(compiled(pattern).program, tagCharacters));
      assert.equal(letters.map(({ character }) => character).join(''), expected);
      assert.ok(letters.every(({ character, index }) => tagCharacters[index] === character));
      assert.ok(letters.every(({ character, isFirst }) => isFirst !== '-.'.includes(character)));
    });
  }
});

describe('budgets of proofs', () => {
  const undecided = (steps: number): object => ({
    undecided: `Not decided within ${steps} steps: the patterns look back too far to compare them in time.`,
  });

  it('end a proof that takes too long, by default after 100000 steps', () => {
    const pattern = compiled('^.*a.{60}$');
    const within = compiled('^.*b.{60}$');
    assert.deepEqual(proveInclusion(pattern, within), undecided(100_000));
    assert.deepEqual(proveInclusion(pattern, within, typingBudget), undecided(10_000));
    assert.deepEqual(proveOverlap(pattern, within, { maxPairs: 50 }), undecided(50));
    assert.deepEqual(proveEmpty(pattern, { maxPairs: 50 }), undecided(50));
  });

  it('are part of the question, as both patterns are', () => {
    const pattern = compiled('^production-v[0-9]+$');
    assert.ok('undecided' in proveEmpty(pattern, { maxPairs: 5 }));
    assert.deepEqual(proveEmpty(pattern), { witness: 'production-v1' });
    assert.deepEqual(proveOverlap(pattern, compiled('^staging-')), { disjoint: true });
    assert.deepEqual(proveOverlap(pattern, compiled('-v2$')), { witness: 'production-v2' });
    assert.deepEqual(proveInclusion(pattern, compiled('^production-')), { included: true });
    assert.deepEqual(proveInclusion(pattern, compiled('^staging-')), { witness: 'production-v1' });
  });

  it('count the states of large patterns too', () => {
    const large = compiled('(a?){500}a{500}');
    assert.deepEqual(proveInclusion(large, large, typingBudget), undecided(10_000));
    assert.deepEqual(proveOverlap(large, large, typingBudget), undecided(10_000));
    assert.deepEqual(proveEmpty(large, typingBudget), undecided(10_000));
    const wide = compiled('(\\pL{500}){2}');
    assert.deepEqual(proveInclusion(wide, wide, typingBudget), undecided(10_000));
    assert.deepEqual(proveInclusion(compiled('a{100}$'), wide, { maxPairs: 2000 }), undecided(2000));
  });

  it('are enough for the patterns that teams write', () => {
    const patterns = [
      '^main-[a-f0-9]+-(?P<ts>[0-9]+)$',
      '^production-v(?P<v>[0-9]+\\.[0-9]+\\.[0-9]+)$',
      '^v?[0-9]+\\.[0-9]+\\.[0-9]+(-rc\\.[0-9]+)?$',
      '^(staging|production)-\\d{4}\\.\\d{2}\\.\\d{2}$',
    ].map(compiled);
    for (const one of patterns) {
      for (const other of patterns) {
        const proof = proveInclusion(one, other, { maxPairs: 500 });
        assert.deepEqual('included' in proof, one === other);
        assert.ok(!('undecided' in proveOverlap(one, other, { maxPairs: 1500 })));
      }
    }
  });
});
