// Who has asked to be left alone, and until when (Retry-After, rate limits): asked again before, the answer is the same.
import type { Problem } from '../model/problem';
import type { Clock } from './clock';

export interface Cooldown {
  /** The problem that still holds for this key. */
  active(key: string): Problem | undefined;
  begin(key: string, problem: Problem, ms: number): void;
}

const longestMs = 3_600_000;

export function cooldown(clock: Clock): Cooldown {
  const until = new Map<string, { readonly at: number; readonly problem: Problem }>();
  return {
    active: (key) => {
      const entry = until.get(key);
      if (entry === undefined || entry.at > clock.now()) return entry?.problem;
      until.delete(key);
      return undefined;
    },
    begin: (key, problem, ms) => {
      until.set(key, { at: clock.now() + Math.min(ms, longestMs), problem });
    },
  };
}

/** RFC 9110 Retry-After: seconds or a date. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
