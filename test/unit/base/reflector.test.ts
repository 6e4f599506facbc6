import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { asObject, asString } from '../../../src/base/json';
import type { ListPage, WatchEvent, WatchStart } from '../../../src/base/kubernetes/client';
import { ClusterError } from '../../../src/base/kubernetes/clusterProblem';
import { Reflector } from '../../../src/base/kubernetes/reflector';
import { silentLogger } from '../../../src/base/logger';
import { FakeClock, settled } from './fakeClock';

interface OpenWatch {
  readonly start: WatchStart;
  push(event: WatchEvent): void;
  end(): void;
  fail(error: Error): void;
}

type Answer<T> = T | Error;

/** Answers from scripts; a watch that is not scripted stays open and is driven by the test. */
class ScriptedCluster {
  readonly context = 'lab';
  readonly lists: (string | undefined)[] = [];
  readonly watches: OpenWatch[] = [];
  listScript: Answer<ListPage>[] = [];
  watchScript: Error[] = [];

  async list(
    _resource: unknown,
    part: { readonly limit: number; readonly next?: string | undefined },
  ): Promise<ListPage> {
    this.lists.push(`${part.limit}${part.next === undefined ? '' : `+${part.next}`}`);
    const answer = this.listScript.shift() ?? page('1');
    if (answer instanceof Error) throw answer;
    return answer;
  }

  async watch(_resource: unknown, start: WatchStart): Promise<AsyncIterable<WatchEvent>> {
    const refusal = this.watchScript.shift();
    if (refusal !== undefined) throw refusal;
    const queue: (WatchEvent | Error | 'end')[] = [];
    let wake: () => void = () => undefined;
    const push = (item: WatchEvent | Error | 'end'): void => {
      queue.push(item);
      wake();
    };
    this.watches.push({ start, push, end: () => push('end'), fail: push });
    return (async function* () {
      for (;;) {
        const item = queue.shift();
        if (item === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else if (item === 'end') return;
        else if (item instanceof Error) throw item;
        else yield item;
      }
    })();
  }
}

function object(name: string, version: string, value = ''): Record<string, unknown> {
  return { metadata: { namespace: 'ns', name, resourceVersion: version }, value };
}

function page(resourceVersion: string, ...names: readonly string[]): ListPage {
  return { items: names.map((name) => object(name, resourceVersion)), resourceVersion };
}

function http(status: number, retryAfterMs?: number): ClusterError {
  const code = status === 403 ? 'cluster-forbidden' : 'cluster-failed';
  return new ClusterError({ code, message: String(status) }, { status, retryAfterMs });
}

function reset(): ClusterError {
  return new ClusterError({ code: 'cluster-unreachable', message: 'reset' });
}

function begin(script: Partial<Pick<ScriptedCluster, 'listScript' | 'watchScript'>> = {}) {
  const clock = new FakeClock();
  const cluster = Object.assign(new ScriptedCluster(), script);
  let changes = 0;
  const reflector = new Reflector<string>({
    reader: cluster,
    resource: { group: 'g', version: 'v1', plural: 'things' },
    decode: (raw) => {
      const name = asString(asObject(raw['metadata'])?.['name']) ?? '';
      return name === 'broken' ? undefined : `${name}${asString(raw['value']) ?? ''}`;
    },
    onChange: () => {
      changes += 1;
    },
    clock,
    logger: silentLogger,
  });
  const names = (): string => {
    const { reading } = reflector;
    return reading.state === 'unknown' ? reading.problem.code : `${reading.state} ${reading.value.join(',')}`;
  };
  return { clock, cluster, reflector, names, changes: () => changes };
}

describe('Reflector', () => {
  it('lists in pages, then follows the watch', async () => {
    const { clock, cluster, reflector, names } = begin({
      listScript: [{ ...page('7', 'a', 'broken'), next: 'more' }, page('7', 'b')],
    });
    assert.equal(names(), 'not-read-yet');
    reflector.start();
    await settled();
    assert.equal(names(), 'known a,b');
    assert.deepEqual(cluster.lists, ['500', '500+more']);
    const watch = cluster.watches[0];
    assert.equal(watch?.start.resourceVersion, '7');
    await clock.advance(1000);
    watch.push({ type: 'ADDED', object: object('c', '8') });
    watch.push({ type: 'MODIFIED', object: object('a', '9', '!') });
    watch.push({ type: 'DELETED', object: object('b', '10') });
    await settled();
    assert.equal(names(), 'known a!,c');
    assert.equal(reflector.reading.state === 'known' && reflector.reading.at, clock.now());
    reflector.dispose();
    await settled();
    assert.equal(clock.waiting, 0);
  });

  it('continues from the last bookmark after an ordinary end', async () => {
    const { clock, cluster, reflector } = begin();
    reflector.start();
    await clock.advance(60_000);
    cluster.watches[0]?.push({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '99' } } });
    cluster.watches[0]?.end();
    await clock.advance(1000);
    assert.equal(cluster.watches[1]?.start.resourceVersion, '99');
    assert.equal(cluster.lists.length, 1);
    reflector.dispose();
  });

  for (const [name, break_] of [
    ['by status', (cluster: ScriptedCluster) => (cluster.watchScript = [http(410)])],
    ['by event', (cluster: ScriptedCluster) => cluster.watches[0]?.push({ type: 'ERROR', error: http(410) })],
  ] as const) {
    it(`lists again at once after 410 ${name}`, async () => {
      const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a'), page('5', 'b')] });
      reflector.start();
      await clock.advance(6000);
      break_(cluster);
      if (name === 'by status') cluster.watches[0]?.end();
      await clock.advance(1000);
      assert.equal(names(), 'known b');
      assert.equal(cluster.watches.at(-1)?.start.resourceVersion, '5');
      reflector.dispose();
    });
  }

  it('does not spin when every watch is answered with 410', async () => {
    const { clock, cluster, reflector } = begin({ watchScript: Array.from({ length: 100 }, () => http(410)) });
    reflector.start();
    await clock.advance(60_000);
    assert.ok(cluster.lists.length < 12, String(cluster.lists.length));
    reflector.dispose();
  });

  it('does not spin when every watch is closed at once', async () => {
    const { clock, cluster, reflector } = begin();
    const original = cluster.watch.bind(cluster);
    cluster.watch = async (resource, start) => {
      const events = await original(resource, start);
      cluster.watches.at(-1)?.end();
      return events;
    };
    reflector.start();
    await clock.advance(60_000);
    assert.ok(cluster.watches.length < 12, String(cluster.watches.length));
    reflector.dispose();
  });

  it('waits as told after 429', async () => {
    const { clock, cluster, reflector } = begin({ watchScript: [http(429, 17_000)] });
    reflector.start();
    await clock.advance(16_999);
    assert.equal(cluster.watches.length, 0);
    await clock.advance(1);
    assert.equal(cluster.watches.length, 1);
    assert.equal(cluster.lists.length, 1);
    reflector.dispose();
  });

  for (const [name, fault] of [
    ['a reset', reset],
    ['HTTP 500', () => http(500)],
    ['garbage', () => new SyntaxError('x')],
    ['401', () => http(401)],
  ] as const) {
    it(`comes back after ${name}, without a full list when it was short`, async () => {
      const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a')] });
      reflector.start();
      await clock.advance(6000);
      cluster.watches[0]?.fail(fault());
      await clock.advance(2000);
      assert.equal(cluster.watches.length, 2);
      assert.equal(cluster.lists.length, 1);
      assert.equal(names(), 'known a');
      reflector.dispose();
    });
  }

  it('keeps what it knew beside the trouble, and is fresh again afterwards', async () => {
    const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a')] });
    reflector.start();
    await clock.advance(6000);
    const seenAt = clock.now() - 6000;
    cluster.watchScript = Array.from({ length: 6 }, reset);
    cluster.listScript = [reset(), page('9', 'b')];
    cluster.watches[0]?.fail(reset());
    await clock.advance(9000);
    assert.equal(names(), 'known a');
    await clock.advance(1000);
    assert.equal(names(), 'stale a');
    assert.equal(reflector.reading.state === 'stale' && reflector.reading.at, seenAt);
    await clock.advance(60_000);
    assert.match(names(), /^known/);
    reflector.dispose();
  });

  it('says at once why the first list failed, and goes on trying', async () => {
    const { clock, reflector, names, changes } = begin({ listScript: [http(403), http(500), page('1', 'a')] });
    reflector.start();
    await settled();
    assert.equal(names(), 'cluster-forbidden');
    assert.equal(changes(), 1);
    await clock.advance(1000);
    assert.equal(names(), 'cluster-failed');
    await clock.advance(2000);
    assert.equal(names(), 'known a');
    reflector.dispose();
  });

  it('does not take a 403 within seconds after a reconnect for a missing right', async () => {
    const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a')] });
    reflector.start();
    await clock.advance(6000);
    cluster.watchScript = [http(403), http(403)];
    cluster.watches[0]?.fail(reset());
    await clock.advance(8000);
    assert.equal(names(), 'known a');
    assert.equal(cluster.watches.length, 2);
    reflector.dispose();
  });

  it('does take a 403 that stays for one', async () => {
    const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a')] });
    reflector.start();
    await clock.advance(6000);
    cluster.watchScript = Array.from({ length: 20 }, () => http(403));
    cluster.listScript = Array.from({ length: 20 }, () => http(403));
    cluster.watches[0]?.end();
    await clock.advance(20_000);
    assert.equal(names(), 'stale a');
    reflector.dispose();
  });

  it('notices a silent socket', async () => {
    const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a')] });
    reflector.start();
    await clock.advance(3_600_000);
    assert.ok(cluster.watches.length > 15, String(cluster.watches.length));
    assert.equal(names(), 'known a');
    reflector.dispose();
  });

  it('shows what comes after an hour of a half-open socket, and when the trouble began as long as nobody answers', async () => {
    const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a')] });
    reflector.start();
    await clock.advance(6000);
    const seenAt = clock.now() - 6000;
    // The socket says nothing, and whoever asks anew is not answered either.
    cluster.watchScript = Array.from({ length: 10_000 }, () => new Error('no answer in time'));
    await clock.advance(3_600_000);
    assert.equal(names(), 'stale a');
    assert.equal(reflector.reading.state === 'stale' && reflector.reading.at, seenAt);
    cluster.watchScript = [];
    await clock.advance(60_000);
    cluster.watches.at(-1)?.push({ type: 'ADDED', object: object('b', '7') });
    await settled();
    assert.equal(names(), 'known a,b');
    assert.equal(cluster.lists.length, 1);
    reflector.dispose();
  });

  for (const [way, hours] of [
    ['back', -10],
    ['on', 10],
  ] as const) {
    it(`follows the watch, and comes back, when the clock is set ${way}`, async () => {
      const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a')] });
      reflector.start();
      await clock.advance(6000);
      clock.jump(hours * 3_600_000);
      cluster.watches[0]?.push({ type: 'ADDED', object: object('b', '7') });
      await settled();
      assert.equal(names(), 'known a,b');
      assert.equal(reflector.reading.state === 'known' && reflector.reading.at, clock.now());
      cluster.watchScript = [reset(), reset()];
      cluster.watches[0]?.fail(reset());
      await clock.advance(8000);
      cluster.watches.at(-1)?.push({ type: 'DELETED', object: object('a', '8') });
      await settled();
      assert.equal(names(), 'known b');
      reflector.dispose();
      await settled();
      assert.equal(clock.waiting, 0);
    });
  }

  it('lists again when the server keeps refusing its version without saying 410', async () => {
    const { clock, cluster, reflector, names } = begin({ listScript: [page('90', 'a'), page('3', 'b')] });
    reflector.start();
    await clock.advance(6000);
    cluster.watchScript = [http(504), http(504), http(504)];
    cluster.watches[0]?.end();
    await clock.advance(10_000);
    assert.equal(names(), 'known b');
    reflector.dispose();
  });

  it('takes everything in one answer when the token of the next page has expired', async () => {
    const { cluster, reflector, names } = begin({
      listScript: [{ ...page('7', 'a'), next: 'more' }, http(410), page('8', 'a', 'b')],
    });
    reflector.start();
    await settled();
    assert.equal(names(), 'known a,b');
    assert.deepEqual(cluster.lists, ['500', '500+more', '0']);
    reflector.dispose();
  });

  it('does not take a 403 for a missing right that comes while a server is started again', async () => {
    const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a')] });
    const problem = () => (reflector.reading.state === 'stale' ? reflector.reading.problem.code : 'none');
    reflector.start();
    await clock.advance(6000);
    cluster.watchScript = [...Array.from({ length: 10 }, reset), ...Array.from({ length: 20 }, () => http(403))];
    cluster.watches[0]?.end();
    await clock.advance(15_000);
    assert.equal(names(), 'stale a');
    const seen = new Set<string>();
    for (let second = 0; second < 15; second += 1) {
      await clock.advance(1000);
      seen.add(problem());
    }
    assert.deepEqual([...seen], ['cluster-unreachable']);
    await clock.advance(30_000);
    assert.equal(problem(), 'cluster-forbidden');
    reflector.dispose();
  });

  it('asks a server often that is being restarted, and at once again when it answers other trouble', async () => {
    const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a'), page('9', 'b')] });
    reflector.start();
    await clock.advance(6000);
    cluster.watchScript = [...Array.from({ length: 40 }, reset), http(403), http(429, 1000), http(410)];
    cluster.watches[0]?.end();
    await clock.advance(60_000);
    assert.equal(names(), 'stale a');
    // Some 40 refusals at 2.25 s each: the back-off does not grow as for a server that is gone.
    await clock.advance(36_000);
    assert.equal(names(), 'known b');
    reflector.dispose();
  });

  it('asks a server seldom that is gone for long', async () => {
    const { clock, cluster, reflector } = begin({ listScript: [page('1', 'a')] });
    reflector.start();
    await clock.advance(6000);
    cluster.watchScript = Array.from({ length: 10_000 }, reset);
    cluster.watches[0]?.end();
    await clock.advance(400_000);
    const before = cluster.watchScript.length;
    await clock.advance(3_600_000);
    assert.ok(before - cluster.watchScript.length <= 90, String(before - cluster.watchScript.length));
    reflector.dispose();
  });

  it('watches anew from where it was after a sleep, out of a watch and out of a pause', async () => {
    const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a')] });
    reflector.reconnect();
    assert.equal(cluster.lists.length, 0);
    reflector.start();
    await clock.advance(6000);
    cluster.watches[0]?.push({ type: 'ADDED', object: object('b', '7') });
    await settled();
    reflector.reconnect();
    await settled();
    assert.deepEqual(
      cluster.watches.map(({ start }) => start.resourceVersion),
      ['1', '7'],
    );
    cluster.watchScript = Array.from({ length: 8 }, reset);
    cluster.watches[1]?.fail(reset());
    await clock.advance(60_000);
    const before = cluster.watches.length;
    cluster.watchScript = [];
    reflector.reconnect();
    await settled();
    assert.equal(cluster.watches.length, before + 1);
    assert.equal(names(), 'known a,b');
    assert.equal(cluster.lists.length, 1);
    reflector.dispose();
    await settled();
    assert.equal(clock.waiting, 0);
  });

  it('refreshes now: out of a pause, out of a watch, and when stopped', async () => {
    const { clock, cluster, reflector, names } = begin({ listScript: [http(500), page('1', 'a'), page('2', 'b')] });
    reflector.start();
    await settled();
    await reflector.refresh();
    assert.equal(names(), 'known a');
    await clock.advance(6000);
    cluster.watches[0]?.push({ type: 'ADDED', object: object('late', '5') });
    await reflector.refresh();
    assert.equal(names(), 'known b');
    reflector.dispose();
    await reflector.refresh();
    await settled();
    assert.equal(clock.waiting, 0);
  });
});
