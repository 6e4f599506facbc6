import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { coalesce } from '../../../src/base/coalesce';
import { FakeClock } from './fakeClock';

/** A clock on which telling takes time. */
class WorkingClock extends FakeClock {
  workedMs = 0;

  override now(): number {
    return super.now() + this.workedMs;
  }
}

describe('coalesce', () => {
  const begin = () => {
    const clock = new WorkingClock();
    const told: number[] = [];
    let costMs = 0;
    const changes = coalesce(clock, () => {
      told.push(clock.now());
      clock.workedMs += costMs;
    });
    const storm = async (seconds: number): Promise<number> => {
      const before = told.length;
      for (let at = 0; at < seconds * 100; at += 1) {
        changes.tell();
        await clock.advance(10);
      }
      return told.length - before;
    };
    return {
      clock,
      changes,
      told,
      storm,
      costs: (ms: number) => {
        costMs = ms;
      },
    };
  };

  it('tells many changes once, soon', async () => {
    const { clock, changes, told } = begin();
    for (let at = 0; at < 20; at += 1) changes.tell();
    await clock.advance(49);
    assert.equal(told.length, 0);
    await clock.advance(1);
    assert.equal(told.length, 1);
    await clock.advance(1000);
    assert.equal(told.length, 1);
  });

  it('tells less often the longer it takes, and never later than 250 ms', async () => {
    const { storm, costs } = begin();
    assert.equal(await storm(2), 40);
    costs(25);
    assert.ok((await storm(2)) <= 11);
    costs(10_000);
    const told = await storm(4);
    assert.ok(told >= 15 && told <= 17, `${told}`);
  });

  it('tells nothing after its end', async () => {
    const { clock, changes, told } = begin();
    changes.tell();
    changes.dispose();
    changes.tell();
    await clock.advance(1000);
    assert.deepEqual(told, []);
    assert.equal(clock.waiting, 0);
  });
});
