import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type Problem, ProblemError } from '../../../src/model/problem';
import { discovery } from '../../../src/sources/discovery';
import { FakeClock } from '../base/fakeClock';

const signal = new AbortController().signal;
const wanted = { group: 'image.toolkit.fluxcd.io', kind: 'ImagePolicy' };

describe('discovery', () => {
  const begin = () => {
    const clock = new FakeClock();
    let versions: readonly string[] = [];
    let asked = 0;
    const reader = {
      context: 'lab',
      servedVersions: async () => {
        asked += 1;
        return versions;
      },
      servedResources: async (group: string, version: string) => [
        { group, version, plural: 'imagepolicies', kind: 'ImagePolicy', isNamespaced: true },
      ],
    };
    const found = discovery(reader, clock);
    const find = async (): Promise<string> => {
      try {
        return (await found.find(wanted, signal)).version;
      } catch (error) {
        if (error instanceof ProblemError) return error.problem.code satisfies Problem['code'];
        throw error;
      }
    };
    return {
      clock,
      find,
      forget: (group: string) => found.forget(group),
      asked: () => asked,
      serve: (...now: string[]) => (versions = now),
    };
  };

  it('asks once for all who ask within seconds, and again later or when told', async () => {
    const { clock, find, forget, asked, serve } = begin();
    serve('v1beta2', 'v1');
    assert.deepEqual(await Promise.all([find(), find()]), ['v1', 'v1']);
    assert.equal(asked(), 1);
    serve('v1beta1');
    assert.equal(await find(), 'v1');
    forget(wanted.group);
    assert.equal(await find(), 'v1beta1');
    serve('v1');
    await clock.advance(10_001);
    assert.equal(await find(), 'v1');
  });

  it('does not wait for a clock that was set back until it is then again', async () => {
    const { clock, find, serve } = begin();
    assert.equal(await find(), 'kind-not-served');
    serve('v1');
    clock.jump(-3_600_000);
    assert.equal(await find(), 'v1');
  });
});
