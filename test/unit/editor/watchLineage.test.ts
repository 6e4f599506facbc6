import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { silentLogger } from '../../../src/base/logger';
import { watchLineage } from '../../../src/editor/watchLineage';
import { watchWorld } from '../../../src/editor/world';
import { ProblemError } from '../../../src/model/problem';
import { RegistrySource } from '../../../src/sources/registry';
import { FakeClock, settled } from '../base/fakeClock';
import { image, shopFacts, tags } from '../fleet/shop';

const signal = new AbortController().signal;

/** The shop, whose registry is read by the real source; `digests` says what its tags are. */
async function begin(digests: Readonly<Record<string, string>>) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const listeners = new Set<() => void>();
  let isLooking = true;
  const registry = new RegistrySource({
    clock,
    logger: silentLogger,
    onChange: () => {
      for (const listener of listeners) listener();
    },
    client: {
      tags: async () => Object.values(tags),
      digest: async (_image, tag) => {
        asked.push(tag);
        const digest = digests[tag];
        if (digest === undefined) throw new ProblemError({ code: 'registry-rate-limited', message: 'Wait.' });
        return `sha256:${digest}`;
      },
      manifest: async (_image, reference) => {
        asked.push(reference);
        return { digest: reference, mediaType: 'manifest', content: {} };
      },
      labels: async () => ({}),
    },
  });
  await registry.read([image], 0, signal);
  const shop = shopFacts();
  const world = watchWorld({
    get facts() {
      return { ...shop, registry: registry.images };
    },
    onDidChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    refresh: () => Promise.resolve(),
    interest: () => ({ dispose: () => undefined }),
    readHistory: () => Promise.resolve(),
    readDigest: (name, tag, abort) => registry.digest(name, tag, abort),
    readTag: (name, tag, abort) => registry.tag(name, tag, abort),
    readImage: (name, reference, abort) => registry.image(name, reference, abort),
    readRuns: async () => [],
    readRun: () => Promise.reject(new Error('No run is read.')),
  });
  const watch = watchLineage({ world, isLooking: () => isLooking, clock, logger: silentLogger });
  return {
    clock,
    asked,
    watch,
    change: async () => {
      for (const listener of listeners) listener();
      await settled();
    },
    showView: (shown: 'shown' | 'hidden') => {
      isLooking = shown === 'shown';
    },
    lineage: () => world.fleet.environments.at(-1)?.placements[0]?.lineage,
  };
}

const { production1, staging1 } = tags;

describe('watchLineage', () => {
  it('asks for two digests, once a minute, while somebody looks', async () => {
    const { clock, asked, watch, change, showView, lineage } = await begin({ [production1]: 'a', [staging1]: 'a' });
    showView('hidden');
    watch.look();
    await change();
    assert.deepEqual([asked, lineage()], [[], undefined]);
    showView('shown');
    watch.look();
    await settled();
    await change();
    assert.deepEqual(asked, [production1, staging1]);
    assert.deepEqual(lineage(), { verdict: 'same', environment: 'staging', source: staging1 });
    await clock.advance(59_000);
    await change();
    assert.equal(asked.length, 2);
    await clock.advance(1000);
    await change();
    assert.equal(asked.length, 4);
    showView('hidden');
    await clock.advance(60_000);
    await change();
    assert.equal(asked.length, 4);
  });

  it('looks into both where the digests differ', async () => {
    const { asked, watch, lineage } = await begin({ [production1]: 'a', [staging1]: 'b' });
    watch.look();
    await settled();
    assert.deepEqual(asked, [production1, staging1, 'sha256:a', 'sha256:b']);
    assert.deepEqual(lineage(), { verdict: 'different', environment: 'staging', source: staging1 });
  });

  it('leaves a registry in peace that does not answer, and stops when it is disposed', async () => {
    const { clock, asked, watch, change } = await begin({});
    watch.look();
    await settled();
    await change();
    assert.deepEqual(asked, [production1]);
    await clock.advance(60_000);
    await change();
    assert.equal(asked.length, 2);
    watch.dispose();
    await clock.advance(60_000);
    await change();
    watch.look();
    await settled();
    assert.equal(asked.length, 2);
  });
});
