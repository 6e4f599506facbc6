import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { elapsed, watchSleep } from '../../../src/base/clock';
import { FakeClock } from './fakeClock';

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
      const clock = new FakeClock();
      let wakes = 0;
      const watch = watchSleep(clock, () => {
        wakes += 1;
      });
      await clock.advance(10 * minute);
      assert.equal(wakes, 0);
      clock.jump(jumpMs);
      await clock.advance(10 * minute);
      assert.equal(wakes, expected);
      watch.dispose();
      assert.equal(clock.waiting, 0);
    });
  }
});

describe('elapsed', () => {
  it('is what has passed, and endless where the clock was set back', () => {
    const clock = new FakeClock();
    const since = clock.now();
    clock.jump(90_000);
    assert.equal(elapsed(clock, since), 90_000);
    assert.equal(elapsed(clock, Number.NEGATIVE_INFINITY), Number.POSITIVE_INFINITY);
    clock.jump(-3_600_000);
    assert.equal(elapsed(clock, since), Number.POSITIVE_INFINITY);
  });
});
