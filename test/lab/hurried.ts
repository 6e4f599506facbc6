import type { Clock } from '../../src/base/clock';

/** Real sockets and real time, except that long waits pass a hundred times faster. */
export const hurried: Clock = {
  now: () => Date.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, Math.max(20, ms / 100));
    return { dispose: () => clearTimeout(timer) };
  },
  random: () => 0.5,
};
