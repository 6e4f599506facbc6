// Every outside answer has a time limit and a size limit.
import { ProblemError } from '../model/problem';
import { orAborted } from './abort';
import { type Clock, systemClock } from './clock';

export interface TimeLimit {
  readonly ms: number;
  /** Who was asked, for the sentence: `The registry ghcr.io`. */
  readonly who: string;
  readonly clock?: Clock;
}

/**
 * Runs with a signal that aborts when the caller's does or when the time is over.
 * Throws a `timed-out` problem when the time was the reason; the caller's own cancellation passes through untouched.
 */
export async function withinTime<T>(
  limit: TimeLimit,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  const forward = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  const late = timedOut(limit);
  const timer = (limit.clock ?? systemClock).after(limit.ms, () => own.abort(late));
  try {
    // What is asked may ignore its signal (a hanging credential program): the caller gets its answer all the same.
    return await orAborted(run(own.signal), own.signal);
  } catch (error) {
    if (own.signal.aborted) throw own.signal.reason;
    throw error;
  } finally {
    timer.dispose();
    signal.removeEventListener('abort', forward);
  }
}

function timedOut({ ms, who }: TimeLimit): ProblemError {
  const seconds = Math.round(ms / 1000);
  return new ProblemError({
    code: 'timed-out',
    message: `${who} did not answer within ${seconds} s. Check the connection and refresh.`,
  });
}

export function tooLarge(who: string, maxBytes: number): ProblemError {
  return new ProblemError({
    code: 'too-large',
    message: `${who} answered with more than ${Math.round(maxBytes / 1_000_000)} MB, which is not read. Check that the address is right.`,
  });
}

/** Reads a stream of chunks up to `maxBytes`; throws a `too-large` problem above. */
export async function readCapped(chunks: AsyncIterable<Uint8Array>, maxBytes: number, who: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(who, maxBytes);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}
