import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { settled } from './fakeClock';
import { begin, http, object, page, reset } from './scriptedCluster';

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
