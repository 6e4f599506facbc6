// Proofs about patterns, over every tag that a registry accepts: is each tag of one pattern one of the other, do two
// patterns share a tag. A search over re2js's compiled programs: right, or "undecided", never a guess. No clock: the budget
// counts work.

import { createSubsets, createThreads, createWalker, findTag, lettersOf, type Meter } from './machine';
import type { Pattern } from './pattern';
import { readFixedPrefix } from './program';

export interface Budget {
  /** How many pairs of states to visit, at about a microsecond each. */
  readonly maxPairs: number;
}

/** About 10 ms. */
export const typingBudget: Budget = { maxPairs: 10_000 };
/** About 100 ms. */
export const fullBudget: Budget = { maxPairs: 100_000 };

/** A shortest tag that shows the opposite. */
export interface Witness {
  readonly witness: string;
}
/** A sentence. */
export interface Undecided {
  readonly undecided: string;
}
export type Inclusion = { readonly included: true } | Witness | Undecided;
export type Overlap = { readonly disjoint: true } | Witness | Undecided;
export type Emptiness = { readonly empty: true } | Witness | Undecided;

/** Whether every legal tag that `pattern` matches is matched by `within` too. The witness is not. */
export function proveInclusion(pattern: Pattern, within: Pattern, budget: Budget = fullBudget): Inclusion {
  const question = `${budget.maxPairs} not within ${within.text}`;
  const found = pattern.remember(question, () => {
    const meter: Meter = { left: budget.maxPairs };
    const walkers = [createWalker(pattern, meter), createWalker(within, meter)] as const;
    const letters = lettersOf(walkers);
    const left = createThreads(walkers[0], letters);
    const right = createSubsets(walkers[1], letters, meter);
    const isFound = (a: number, b: number): boolean => left.accepts(a) && !right.accepts(b);
    const isLost = (_: number, b: number): boolean => right.hasAccepted(b);
    return findTag({ letters, left, right, isFound, isLost }, meter);
  });
  return answer(found, { included: true }, budget);
}

/** Whether no legal tag is matched by both. The witness is. */
export function proveOverlap(one: Pattern, other: Pattern, budget: Budget = fullBudget): Overlap {
  const found = one.remember(`${budget.maxPairs} also ${other.text}`, () => {
    const meter: Meter = { left: budget.maxPairs };
    const walkers = [createWalker(one, meter), createWalker(other, meter)] as const;
    const letters = lettersOf(walkers);
    const left = createThreads(walkers[0], letters);
    const right = createThreads(walkers[1], letters);
    const isFound = (a: number, b: number): boolean => left.accepts(a) && right.accepts(b);
    return findTag({ letters, left, right, isFound, isLost: never }, meter);
  });
  return answer(found, { disjoint: true }, budget);
}

/** Whether the pattern matches no legal tag at all. The witness is a shortest tag that it matches. */
export function proveEmpty(pattern: Pattern, budget: Budget = fullBudget): Emptiness {
  const found = pattern.remember(`${budget.maxPairs} any`, () => {
    const meter: Meter = { left: budget.maxPairs };
    const walker = createWalker(pattern, meter);
    const letters = lettersOf([walker]);
    const left = createThreads(walker, letters);
    const isFound = (a: number): boolean => left.accepts(a);
    return findTag({ letters, left, right: anything, isFound, isLost: never }, meter);
  });
  return answer(found, { empty: true }, budget);
}

/** The literal text that every matching tag begins with; empty when there is none, as when the pattern is not anchored. */
export function fixedPrefix(pattern: Pattern): string {
  return readFixedPrefix(pattern.program);
}

const anything = { start: 0, step: () => [0] };

function never(): boolean {
  return false;
}

function answer<T>(found: ReturnType<typeof findTag>, proved: T, { maxPairs }: Budget): T | Witness | Undecided {
  if (found === 'none') return proved;
  if (found === 'exhausted') {
    return {
      undecided: `Not decided within ${maxPairs} steps: the patterns look back too far to compare them in time.`,
    };
  }
  return { witness: found.tag };
}
