// One line of a pre-flight: the verdict, in words with its evidence, and what to do about it.
import { optional } from '../../model/optional';

/** A failed line refuses; an unknown one is said. */
export type Verdict = 'passed' | 'failed' | 'unknown';

export interface PreflightLine {
  readonly verdict: Verdict;
  /** The verdict as a sentence, with what it rests on. */
  readonly text: string;
  readonly remedy?: string;
}

export function passed(text: string): PreflightLine {
  return { verdict: 'passed', text };
}

export function notKnown(text: string): PreflightLine {
  return { verdict: 'unknown', text };
}

export function failedLine(text: string, remedy?: string): PreflightLine {
  return { verdict: 'failed', text, ...optional('remedy', remedy) };
}
