export type Turns = <T>(run: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** Runs at most `limit` works at once, the others in the order in which they came. */
export function turns(limit: number): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];
  const turn = async (signal: AbortSignal): Promise<void> => {
    if (running < limit) {
      running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(begin), 1);
        reject(signal.reason);
      };
      waiting.push(begin);
      signal.addEventListener('abort', leave, { once: true });
    });
  };
  return async (run, signal) => {
    signal.throwIfAborted();
    await turn(signal);
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      // Whoever waits takes this place.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
