import { compareBytes } from './compareBytes';
import { type Contest, type Holders, hold, type Walk } from './contest';

/** image-reflector-controller `internal/policy/alphabetical.go`. `sign` is 1 to take the greatest key by bytes. */
export function createAlphabeticalContest(walk: Walk, sign: 1 | -1): Contest {
  const best: Holders = new Map();
  let bestKey = '';
  return {
    enter: (key, tag) => {
      const order = best.size === 0 ? 1 : sign * compareBytes(key, bestKey);
      if (order < 0) return;
      if (order > 0) best.clear();
      bestKey = key;
      hold(best, key, tag, walk);
    },
    decide: () => ({ kind: 'latest', tags: [...best.values()] }),
  };
}
