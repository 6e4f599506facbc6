import { setTimeout as sleep } from 'node:timers/promises';

export interface Deadline {
  readonly timeoutMs: number;
  /** Completes "Waited … for …". */
  readonly what: string;
}

/**
 * Asks again and again until the answer is neither undefined nor false, and returns it.
 * The last error of the condition is shown when the time is over.
 */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs, what }: Deadline,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await condition();
      lastError = undefined;
      if (answer !== undefined && answer !== false) {
        return answer;
      }
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`Waited ${timeoutMs} ms for ${what}`, lastError === undefined ? {} : { cause: lastError });
    }
    await sleep(20);
  }
}
