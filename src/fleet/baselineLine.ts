import { optional } from '../model/optional';
import type { Problem } from '../model/problem';

/** `failed`: the check said no. `unknown`: nobody could be asked. */
export interface BaselineLine {
  readonly verdict: 'ok' | 'failed' | 'unknown';
  /** What ought to be so. */
  readonly what: string;
  /** What was seen. */
  readonly evidence: string;
  /** The next step. */
  readonly remedy?: string;
}

export function okLine(what: string, evidence: string): BaselineLine {
  return { verdict: 'ok', what, evidence };
}

export function failedLine(what: string, evidence: string, remedy?: string): BaselineLine {
  return { verdict: 'failed', what, evidence, ...optional('remedy', remedy) };
}

export function unknownLine(what: string, evidence: string, remedy?: string): BaselineLine {
  return { verdict: 'unknown', what, evidence, ...optional('remedy', remedy) };
}

export function silentLine(what: string, problem: Problem): BaselineLine {
  return unknownLine(what, problem.message);
}
