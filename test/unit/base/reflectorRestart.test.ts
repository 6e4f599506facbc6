import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { settled } from './fakeClock';
import { begin, http, page, reset } from './scriptedCluster';

describe('a reflector while its server is started again', () => {
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

  it('does not take a 403 for a missing right that comes while a server is started again', async () => {
    const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a')] });
    const problem = () => (reflector.reading.state === 'stale' ? reflector.reading.problem.code : 'none');
    reflector.start();
    await clock.advance(6000);
    cluster.watchScript = [...Array.from({ length: 10 }, reset), ...Array.from({ length: 60 }, () => http(403))];
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

  it('is fresh again soon after a restart that has lost the history: five seconds that it names are not sat out', async () => {
    const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a'), page('9', 'b')] });
    reflector.start();
    await clock.advance(6000);
    // As a real API server answers from its start to its readiness.
    cluster.watchScript = [reset(), http(503, 5000), http(429, 1000), http(410)];
    cluster.watches[0]?.fail(reset());
    await clock.advance(4500);
    assert.equal(names(), 'known b');
    assert.equal(cluster.lists.length, 2);
    reflector.dispose();
  });

  for (const code of [403, 404, 429, 500, 503]) {
    it(`asks a server every second that answers ${code} until it is ready, and seldom when it stays so`, async () => {
      const { clock, cluster, reflector, names } = begin({ listScript: [page('1', 'a'), page('9', 'b')] });
      reflector.start();
      await clock.advance(6000);
      cluster.watches[0]?.fail(reset());
      cluster.watchScript = Array.from({ length: 100 }, reset);
      await clock.advance(12_000);
      const refusals = Array.from({ length: 10_000 }, () => http(code));
      [cluster.watchScript, cluster.listScript] = [[...refusals], [...refusals]];
      const asked = (): number => 20_000 - cluster.watchScript.length - cluster.listScript.length;
      await clock.advance(28_000);
      assert.ok(asked() >= 26, String(asked()));
      const soon = asked();
      await clock.advance(3_600_000);
      assert.ok(asked() - soon < 150, String(asked() - soon));
      [cluster.watchScript, cluster.listScript] = [[], [page('9', 'b')]];
      await clock.advance(60_000);
      assert.match(names(), /^known/);
      reflector.dispose();
    });
  }

  it('keeps an object that is listed again as it was, and decodes one that has changed or was made anew', async () => {
    const fresh = (name: string, version: string, uid: string) => ({
      metadata: { namespace: 'ns', name, uid, resourceVersion: version },
    });
    const items = [fresh('same', '3', 'u1'), fresh('changed', '4', 'u2'), fresh('anew', '5', 'u3')];
    const later = [fresh('same', '3', 'u1'), fresh('changed', '8', 'u2'), fresh('anew', '5', 'u4')];
    const listScript = [
      { items, resourceVersion: '7' },
      { items: later, resourceVersion: '9' },
    ];
    const { reflector, names, decoded } = begin({ listScript });
    reflector.start();
    await settled();
    decoded.splice(0);
    await reflector.refresh();
    assert.deepEqual(decoded, ['changed', 'anew']);
    assert.equal(names(), 'known same,changed,anew');
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
});
