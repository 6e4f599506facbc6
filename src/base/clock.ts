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

/**
 * Milliseconds since then. Endless where the clock was set back since: how long ago it is, nobody knows, and whoever waits for
 * it to be old enough must not wait for an hour.
 */
export function elapsed(clock: Pick<Clock, 'now'>, since: number): number {
  const ms = clock.now() - since;
  return ms < 0 ? Number.POSITIVE_INFINITY : ms;
}

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

const tickMs = 15_000;
/** Later than this, and the machine slept; timers are late under load too. */
const sleepMs = 30_000;

/** Calls after every sleep of the machine: time went on, and sockets may have died without saying so. */
export function watchSleep(clock: Clock, onWake: () => void): Disposable {
  let timer: Disposable;
  const tick = (): void => {
    const began = clock.now();
    timer = clock.after(tickMs, () => {
      if (clock.now() - began > tickMs + sleepMs) onWake();
      tick();
    });
  };
  tick();
  return { dispose: () => timer.dispose() };
}
