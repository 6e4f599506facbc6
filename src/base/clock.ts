// Time and chance as parameters, so that what waits can be tested without waiting.
import type { Disposable } from './lifetime';

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls once after `ms`, unless disposed before. */
  after(ms: number, call: () => void): Disposable;
  /** In [0, 1). */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    timer.unref();
    return { dispose: () => clearTimeout(timer) };
  },
  random: () => Math.random(),
};

/** Resolves after `ms`; rejects with the signal's reason when that comes first. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      timer.dispose();
      reject(signal.reason);
    };
    const timer = clock.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
