import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { settled } from './fakeClock';
import { begin, http, object, page, reset, type ScriptedCluster } from './scriptedCluster';

describe('a reflector in trouble', () => {
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

  for (const code of [429, 503]) {
    it(`waits as told after ${code}`, async () => {
      const { clock, cluster, reflector } = begin({ watchScript: [http(code, 17_000)] });
      reflector.start();
      await clock.advance(16_999);
      assert.equal(cluster.watches.length, 0);
      await clock.advance(1);
      assert.equal(cluster.watches.length, 1);
      assert.equal(cluster.lists.length, 1);
      reflector.dispose();
    });
  }

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
});
