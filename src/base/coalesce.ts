// Many changes, told once: soon where telling is quick, seldom where it takes long, so that a storm of changes leaves most of
// the processor to others.
import { type Clock, elapsed } from './clock';
import type { Disposable } from './lifetime';

export interface Coalesced extends Disposable {
  /** Something has changed. */
  tell(): void;
}

const soonestMs = 50;
const latestMs = 250;
/** Where telling takes longer still, as while a large cluster is read, as long as it took; but no longer than this. */
const longestMs = 1_000;
/** For each millisecond of telling, this many are left to others. */
const restPerWork = 16;

export function coalesce(clock: Clock, run: () => void): Coalesced {
  let timer: Disposable | undefined;
  let isOver = false;
  /** When telling was over last, and how long others have the processor after it. */
  let last = { at: Number.NEGATIVE_INFINITY, restMs: 0 };
  return {
    tell: () => {
      if (timer !== undefined || isOver) return;
      timer = clock.after(Math.max(soonestMs, last.restMs - elapsed(clock, last.at)), () => {
        timer = undefined;
        const began = clock.now();
        run();
        const at = clock.now();
        last = { at, restMs: restAfter(at - began) };
      });
    },
    dispose: () => {
      isOver = true;
      timer?.dispose();
    },
  };
}

function restAfter(workMs: number): number {
  return Math.max(Math.min(workMs * restPerWork, latestMs), Math.min(workMs, longestMs));
}
