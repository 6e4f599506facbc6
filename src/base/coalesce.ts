// Many changes, told once: soon where telling is quick, seldom where it takes long, so that a storm of changes leaves most of
// the processor to others.
import type { Clock } from './clock';
import type { Disposable } from './lifetime';

export interface Coalesced extends Disposable {
  /** Something has changed. */
  tell(): void;
}

const soonestMs = 50;
const latestMs = 250;
/** For each millisecond of telling, this many are left to others. */
const restPerWork = 8;

export function coalesce(clock: Clock, run: () => void): Coalesced {
  let timer: Disposable | undefined;
  let isOver = false;
  let waitMs = soonestMs;
  return {
    tell: () => {
      if (timer !== undefined || isOver) return;
      timer = clock.after(waitMs, () => {
        timer = undefined;
        const began = clock.now();
        run();
        waitMs = Math.min(latestMs, Math.max(soonestMs, (clock.now() - began) * restPerWork));
      });
    },
    dispose: () => {
      isOver = true;
      timer?.dispose();
    },
  };
}
