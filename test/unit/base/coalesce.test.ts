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

  it('tells less often the longer it takes: after 250 ms, or as long as it took, and after a second at the latest', async () => {
    const { storm, costs } = begin();
    assert.equal(await storm(2), 40);
    costs(12);
    assert.ok((await storm(2)) <= 11);
    for (const [costMs, least, most] of [
      [100, 15, 17],
      [500, 7, 9],
      [10_000, 3, 5],
    ] as const) {
      costs(costMs);
      const told = await storm(4);
      assert.ok(told >= least && told <= most, `${told} times at ${costMs} ms each`);
    }
  });

  it('tells the first change after a rest soon, however long the last telling took', async () => {
    const { clock, changes, told, storm, costs } = begin();
    costs(10_000);
    await storm(2);
    await clock.advance(5000);
    const before = told.length;
    changes.tell();
    await clock.advance(50);
    assert.equal(told.length, before + 1);
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
