import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { watchSleep } from '../../../src/base/clock';
import { FakeClock } from './fakeClock';

/** A clock that can jump while nothing runs. */
class JumpingClock extends FakeClock {
  jumpedMs = 0;

  override now(): number {
    return super.now() + this.jumpedMs;
  }
}

describe('watchSleep', () => {
  const minute = 60_000;
  const cases: readonly (readonly [string, number, number])[] = [
    ['an hour of sleep', 60 * minute, 1],
    ['a minute of sleep', minute, 1],
    ['a machine that is late', 10_000, 0],
    ['a clock that is set back', -60 * minute, 0],
  ];
  for (const [name, jumpMs, expected] of cases) {
    it(`calls ${expected === 1 ? 'once' : 'not at all'} for ${name}`, async () => {
      const clock = new JumpingClock();
      let wakes = 0;
      const watch = watchSleep(clock, () => {
        wakes += 1;
      });
      await clock.advance(10 * minute);
      assert.equal(wakes, 0);
      clock.jumpedMs = jumpMs;
      await clock.advance(10 * minute);
      assert.equal(wakes, expected);
      watch.dispose();
      assert.equal(clock.waiting, 0);
    });
  }
});
