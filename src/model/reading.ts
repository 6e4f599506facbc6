// What one source could tell us, and since when. A silent source dims its own part and nothing else.
import type { Problem } from './problem';

/** `stale` keeps the last value beside the trouble. `at` is milliseconds since the epoch. */
export type Reading<T> =
  | { readonly state: 'known'; readonly value: T; readonly at: number }
  | { readonly state: 'stale'; readonly value: T; readonly at: number; readonly problem: Problem }
  | { readonly state: 'unknown'; readonly problem: Problem };

export function known<T>(value: T, at: number): Reading<T> {
  return { state: 'known', value, at };
}

export function unknown<T>(problem: Problem): Reading<T> {
  return { state: 'unknown', problem };
}

/** The value after a failed read: the last one beside the problem, or nothing but the problem. */
export function failed<T>(previous: Reading<T> | undefined, problem: Problem): Reading<T> {
  return previous === undefined || previous.state === 'unknown'
    ? { state: 'unknown', problem }
    : { state: 'stale', value: previous.value, at: previous.at, problem };
}

/** The value, whether fresh or stale. */
export function valueOf<T>(reading: Reading<T> | undefined): T | undefined {
  return reading === undefined || reading.state === 'unknown' ? undefined : reading.value;
}

export function problemOf(reading: Reading<unknown> | undefined): Problem | undefined {
  return reading === undefined || reading.state === 'known' ? undefined : reading.problem;
}

/** Applies `f` to the value and keeps state, age and problem. */
export function mapReading<T, U>(reading: Reading<T>, f: (value: T) => U): Reading<U> {
  return reading.state === 'unknown' ? reading : { ...reading, value: f(reading.value) };
}

/** Whether both are known, or neither for the same reason. */
export function hasSameTrouble(one: Reading<unknown> | undefined, other: Reading<unknown> | undefined): boolean {
  return one?.state === other?.state && problemOf(one)?.message === problemOf(other)?.message;
}

/** Whether both say the same; when it was last seen does not matter. */
export function saysTheSame(one: Reading<unknown> | undefined, other: Reading<unknown> | undefined): boolean {
  return one === other || (hasSameTrouble(one, other) && valueOf(one) === valueOf(other));
}
