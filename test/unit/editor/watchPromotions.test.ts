import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { silentLogger } from '../../../src/base/logger';
import { watchPromotions } from '../../../src/editor/watchPromotions';
import { watchWorld } from '../../../src/editor/world';
import type { Facts, RunState } from '../../../src/model/facts';
import { ProblemError } from '../../../src/model/problem';
import { known } from '../../../src/model/reading';
import { FakeClock } from '../base/fakeClock';
import { minute, now, shopFacts, shopForge, tags } from '../fleet/shop';

const target = tags.staging2.replace('staging', 'production');

function factsWith(state: RunState, registryTags: readonly string[] = Object.values(tags)): Facts {
  const run = {
    id: 7,
    url: 'https://forge/7',
    workflow: '.github/workflows/promote-production.yml',
    title: `Promote ${tags.staging2} to production`,
    state,
    createdAt: now - minute,
    updatedAt: now - minute,
    steps: [],
  };
  const registry = known({ tags: registryTags, digests: new Map() }, now);
  return shopFacts({ forge: known({ ...shopForge, runs: [run] }, now), registry });
}

function begin(first: Facts) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const listeners = new Set<() => void>();
  let facts = first;
  let isLooking = true;
  const world = watchWorld({
    get facts() {
      return facts;
    },
    onDidChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    refresh: () => Promise.resolve(),
    interest: () => ({ dispose: () => undefined }),
    readDigest: () => Promise.reject(new Error('No digest is read.')),
    readImage: () => Promise.reject(new Error('No image is read.')),
    readHistory: () => Promise.reject(new Error('No history is read.')),
    readRuns: () => Promise.reject(new Error('No list of runs is read.')),
    readTag: async (_image, tag) => {
      asked.push(tag);
      return false;
    },
    readRun: async (_image, id) => {
      asked.push(`run ${id}`);
      throw new ProblemError({ code: 'forge-unreachable', message: 'The forge is silent.' });
    },
  });
  const watch = watchPromotions({ world, isLooking: () => isLooking, clock, logger: silentLogger });
  return {
    clock,
    asked,
    watch,
    show: (next: Facts) => {
      facts = next;
      for (const listener of listeners) listener();
    },
    lookAway: () => {
      isLooking = false;
    },
  };
}

describe('watching a promotion', () => {
  it('asks about the run and its tag once in five seconds, also when nobody answers, until both are there', async () => {
    const { clock, asked, watch, show } = begin(factsWith('running'));
    watch.look();
    watch.look();
    await clock.advance(11_000);
    assert.deepEqual(asked, ['run 7', target, 'run 7', target]);
    show(factsWith('succeeded'));
    await clock.advance(5_000);
    assert.deepEqual(asked.slice(4), [target]);
    show(factsWith('succeeded', [...Object.values(tags), target]));
    await clock.advance(60_000);
    assert.equal(asked.length, 5);
    assert.equal(clock.waiting, 0);
    watch.dispose();
  });

  it('does not ask while nobody looks, nor after its end', async () => {
    const { clock, asked, watch, show, lookAway } = begin(factsWith('running'));
    watch.look();
    lookAway();
    await clock.advance(60_000);
    watch.dispose();
    show(factsWith('running'));
    await clock.advance(60_000);
    assert.deepEqual(asked, []);
    assert.equal(clock.waiting, 0);
  });
});
