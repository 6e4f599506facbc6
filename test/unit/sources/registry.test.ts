import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { silentLogger } from '../../../src/base/logger';
import { ProblemError } from '../../../src/model/problem';
import { valueOf } from '../../../src/model/reading';
import { RegistrySource } from '../../../src/sources/registry';
import { FakeClock } from '../base/fakeClock';

const signal = new AbortController().signal;

function begin(tags: (image: string) => readonly string[], isGone: (digest: string) => boolean = () => false) {
  const clock = new FakeClock();
  const asked: string[] = [];
  let changes = 0;
  const source = new RegistrySource({
    clock,
    logger: silentLogger,
    onChange: () => {
      changes += 1;
    },
    client: {
      tags: async (image) => {
        asked.push(image);
        return tags(image);
      },
      digest: async (image, tag) => {
        asked.push(`${image}:${tag}`);
        if (tag === 'gone') throw new ProblemError({ code: 'registry-not-found', message: 'gone' });
        return `sha256:${tag}`;
      },
      manifest: async (image, reference) => {
        asked.push(`${image}@${reference}`);
        if (isGone(reference)) throw new ProblemError({ code: 'registry-failed', message: 'no' });
        return { digest: reference, mediaType: 'manifest', content: {} };
      },
      labels: async () => ({}),
    },
  });
  const told = (image: string): string => {
    const reading = source.images.get(image);
    if (reading === undefined) return 'nothing';
    return reading.state === 'unknown' ? reading.problem.code : `${reading.state} ${reading.value.tags.join()}`;
  };
  return { clock, asked, source, told, changes: () => changes };
}

describe('RegistrySource', () => {
  it('asks for tags at most once in five seconds, and again when they are old', async () => {
    const { clock, asked, source, told } = begin(() => ['v1']);
    await source.read(['a', 'b', 'a'], 0, signal);
    await source.read(['a', 'b'], 0, signal);
    assert.deepEqual(asked, ['a', 'b']);
    assert.equal(told('a'), 'known v1');
    await clock.advance(5000);
    await source.read(['a', 'b'], 60_000, signal);
    assert.equal(asked.length, 2);
    await source.read(['a'], 0, signal);
    assert.deepEqual(asked, ['a', 'b', 'a']);
    assert.equal(told('b'), 'nothing');
  });

  it('keeps the last tags beside the trouble, each image on its own', async () => {
    let isBroken = false;
    const { clock, source, told } = begin((image) => {
      if (isBroken && image === 'a') throw new ProblemError({ code: 'registry-rate-limited', message: 'wait' });
      return ['v1'];
    });
    await source.read(['a', 'b'], 0, signal);
    isBroken = true;
    await clock.advance(5000);
    await source.read(['a', 'b', 'c'], 0, signal);
    assert.equal(told('a'), 'stale v1');
    assert.equal(told('b'), 'known v1');
    const before = source.images.get('a');
    await clock.advance(5000);
    await source.read(['a', 'b', 'c'], 0, signal);
    assert.equal(source.images.get('a'), before);
  });

  it('gives up a registry that answers none of six in a row, for this reading, and no other registry', async () => {
    let isBack = false;
    const { clock, source, asked, told } = begin((image) => {
      if (!isBack && image.startsWith('gone/'))
        throw new ProblemError({ code: 'registry-unreachable', message: 'gone' });
      return ['v1'];
    });
    const lost = Array.from({ length: 40 }, (_, at) => `gone/${at}`);
    await source.read([...lost, 'here/a'], 0, signal);
    // Those that were under way when the sixth had failed are not called back.
    assert.ok(asked.filter((image) => image.startsWith('gone/')).length < 12, asked.join());
    assert.deepEqual(new Set(lost.map(told)), new Set(['registry-unreachable']));
    assert.equal(told('here/a'), 'known v1');
    isBack = true;
    await clock.advance(5000);
    await source.read([...lost, 'here/a'], 0, signal);
    assert.deepEqual(new Set(lost.map(told)), new Set(['known v1']));
  });

  it('keeps what it knows of the tags as it is while they are the same', async () => {
    let tags = ['v1', 'v2'];
    const { clock, source } = begin(() => [...tags]);
    await source.read(['a'], 0, signal);
    const before = valueOf(source.images.get('a'));
    await clock.advance(5000);
    await source.read(['a'], 0, signal);
    const after = source.images.get('a');
    assert.equal(valueOf(after), before);
    assert.equal(after?.state === 'known' && after.at, clock.now());
    tags = ['v2', 'v1'];
    await clock.advance(5000);
    await source.read(['a'], 0, signal);
    assert.deepEqual(valueOf(source.images.get('a'))?.tags, tags);
  });

  it('resolves digests on demand, believes them for a minute, and forgets those of tags that are gone', async () => {
    let tags = ['v1', 'gone'];
    const { clock, asked, source } = begin(() => tags);
    await source.read(['a'], 0, signal);
    assert.equal(await source.digest('a', 'v1', signal), 'sha256:v1');
    assert.equal(await source.digest('a', 'v1', signal), 'sha256:v1');
    await assert.rejects(source.digest('a', 'gone', signal));
    assert.deepEqual(asked, ['a', 'a:v1', 'a:gone']);
    const reading = source.images.get('a');
    assert.ok(reading?.state === 'known');
    assert.equal(reading.value.digests.get('v1')?.state, 'known');
    assert.equal(reading.value.digests.get('gone')?.state, 'unknown');
    await clock.advance(60_000);
    await source.digest('a', 'v1', signal);
    assert.equal(asked.length, 4);
    tags = ['v2'];
    await source.read(['a'], 0, signal);
    const later = source.images.get('a');
    assert.ok(later?.state === 'known');
    assert.equal(later.value.digests.size, 0);
  });

  it('looks into a tag once for each digest, and keeps the trouble beside the digest', async () => {
    const { clock, asked, source } = begin(
      () => ['v1', 'v2'],
      (digest) => digest === 'sha256:v2' && clock.now() === started,
    );
    const started = clock.now();
    await source.read(['a'], 0, signal);
    const image = { digest: 'sha256:v1', mediaType: 'manifest', manifests: [{ digest: 'sha256:v1' }], labels: {} };
    assert.deepEqual(await source.image('a', 'v1', signal), image);
    assert.deepEqual(await source.image('a', 'sha256:v1', signal), image);
    await assert.rejects(source.image('a', 'v2', signal));
    const stateOf = (digest: string) => valueOf(source.images.get('a'))?.contents?.get(digest)?.state;
    assert.deepEqual([stateOf('sha256:v1'), stateOf('sha256:v2')], ['known', 'unknown']);
    await clock.advance(60_000);
    await source.read(['a'], 0, signal);
    await source.image('a', 'v1', signal);
    await source.image('a', 'v2', signal);
    assert.deepEqual([stateOf('sha256:v1'), stateOf('sha256:v2')], ['known', 'known']);
    const looks = asked.filter((one) => one.includes('@'));
    assert.deepEqual(looks, ['a@sha256:v1', 'a@sha256:v2', 'a@sha256:v2']);
  });

  it('passes cancellation through, and asks again afterwards', async () => {
    const cancelled = new AbortController();
    let isFirst = true;
    const { source, asked } = begin(() => {
      if (!isFirst) return [];
      isFirst = false;
      cancelled.abort(new Error('cancelled by the user'));
      throw cancelled.signal.reason;
    });
    await assert.rejects(source.read(['a'], 0, cancelled.signal), /cancelled by the user/);
    await source.read(['a'], 0, signal);
    assert.equal(asked.length, 2);
  });

  it('looks for one tag by one request in five seconds, whoever asks, and shows it once it is there', async () => {
    const { clock, asked, source, told } = begin(() => ['v1']);
    await source.read(['a'], 0, signal);
    assert.equal(await source.tag('a', 'v1', signal), true);
    assert.equal(await source.tag('a', 'v2', signal), false);
    assert.deepEqual(asked, ['a']);
    await clock.advance(5000);
    assert.equal(await source.tag('a', 'gone', signal), false);
    await source.read(['a'], 0, signal);
    assert.deepEqual(asked, ['a', 'a:gone']);
    await clock.advance(5000);
    assert.equal(await source.tag('a', 'v2', signal), true);
    assert.equal(told('a'), 'known v1,v2');
    assert.equal(await source.digest('a', 'v2', signal), 'sha256:v2');
    assert.deepEqual(asked, ['a', 'a:gone', 'a:v2']);
  });
});
