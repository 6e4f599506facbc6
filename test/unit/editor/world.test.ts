import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type FactsSource, untilSeen, type World, watchWorld } from '../../../src/editor/world';
import { shopFacts } from '../fleet/shop';

/** A source whose newest refresh cancels the one before, as the observer's does; each answers when it is told to. */
function slowSource(): { readonly world: World; readonly begun: (() => void)[] } {
  const begun: (() => void)[] = [];
  let cancelBefore = (): void => undefined;
  const source: FactsSource = {
    facts: shopFacts(),
    onDidChange: () => ({ dispose: () => undefined }),
    interest: () => ({ dispose: () => undefined }),
    readHistory: () => Promise.reject(new Error('not asked here')),
    readDigest: () => Promise.reject(new Error('not asked here')),
    readTag: () => Promise.reject(new Error('not asked here')),
    readRuns: async () => [],
    readRun: () => Promise.reject(new Error('not asked here')),
    readImage: () => Promise.reject(new Error('not asked here')),
    refresh: async (signal) => {
      cancelBefore();
      await new Promise<void>((resolve, reject) => {
        cancelBefore = () => reject(new DOMException('A newer refresh has begun', 'AbortError'));
        signal.addEventListener('abort', () => reject(signal.reason));
        begun.push(resolve);
      });
    },
  };
  return { world: watchWorld(source), begun };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('refreshing the world', () => {
  it('lets two commands ask without cancelling each other', async () => {
    const { world, begun } = slowSource();
    const { signal } = new AbortController();
    const both = Promise.all([world.refresh(signal), world.refresh(signal)]);
    await turn();
    assert.equal(begun.length, 1);
    begun[0]?.();
    await turn();
    begun[1]?.();
    await both;
    assert.equal(begun.length, 2);
  });

  it('goes on after a refresh that was cancelled', async () => {
    const { world, begun } = slowSource();
    const first = new AbortController();
    const cancelled = world.refresh(first.signal);
    const next = world.refresh(new AbortController().signal);
    await turn();
    first.abort();
    await assert.rejects(cancelled, { name: 'AbortError' });
    await turn();
    begun[1]?.();
    await next;
  });
});

describe('untilSeen', () => {
  it('leaves with the reason of a cancellation', async () => {
    const { world } = slowSource();
    const controller = new AbortController();
    const waiting = untilSeen(world, () => undefined, 1000, controller.signal);
    controller.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
  });
});
