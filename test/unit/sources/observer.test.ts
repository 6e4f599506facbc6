import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Forge } from '../../../src/base/forge/forge';
import { silentLogger } from '../../../src/base/logger';
import type { RegistryClient } from '../../../src/base/registry/client';
import type { ClusterFacts } from '../../../src/model/facts';
import type { ImageRepository } from '../../../src/model/flux';
import { ProblemError } from '../../../src/model/problem';
import { known } from '../../../src/model/reading';
import { defaultSettings } from '../../../src/model/settings';
import { unknownCluster } from '../../../src/sources/cluster';
import { Observer } from '../../../src/sources/observer';
import { FakeClock, settled } from '../base/fakeClock';

const signal = new AbortController().signal;
const silence = { code: 'not-read-yet', message: 'not yet' } as const;

function imageRepository(image: string, tagCount: number): ImageRepository {
  const meta = {
    name: 'x',
    namespace: 'ns',
    labels: {},
    annotations: {},
    owners: [],
    managedFields: [],
  };
  return {
    kind: 'ImageRepository',
    meta,
    isSuspended: false,
    observedGeneration: 1,
    conditions: [],
    image,
    intervalMs: 0,
    isInsecure: true,
    exclusionList: [],
    lastScan: { tagCount },
  };
}

/** A cluster whose answer the test sets. */
class TestCluster {
  facts: ClusterFacts;
  isOutdated = false;
  isOver = false;
  refreshes = 0;
  readonly #onChange: () => void;

  constructor(context: string, onChange: () => void) {
    this.facts = unknownCluster(context, silence);
    this.#onChange = onChange;
  }

  show(images: readonly ImageRepository[], at = 0): void {
    this.facts = { ...this.facts, imageRepositories: known(images, at) };
    this.#onChange();
  }

  async refresh(): Promise<void> {
    this.refreshes += 1;
  }

  lookAt(): void {}

  dispose(): void {
    this.isOver = true;
  }
}

function begin() {
  const clock = new FakeClock();
  const clusters: TestCluster[] = [];
  const asked: string[] = [];
  let tags: readonly string[] = ['v1'];
  const registry: RegistryClient = {
    tags: async (image) => {
      asked.push(image);
      return tags;
    },
    digest: async () => 'sha256:1',
    labels: async () => ({}),
    manifest: async () => {
      throw new ProblemError({ code: 'registry-not-found', message: 'none' });
    },
  };
  const observer = new Observer({
    repositories: [],
    scope: { settings: defaultSettings, contexts: new Map([['production', 'prod']]) },
    watchCluster: (context, onChange) => {
      if (context === 'broken') throw new ProblemError({ code: 'context-unknown', message: 'no' });
      const cluster = new TestCluster(context, onChange);
      clusters.push(cluster);
      return cluster;
    },
    registry,
    forge: (): Forge | undefined => undefined,
    clock,
    logger: silentLogger,
  });
  let told = 0;
  observer.onDidChange(() => {
    told += 1;
  });
  return {
    clock,
    clusters,
    asked,
    observer,
    told: () => told,
    publishTags: (next: readonly string[]) => {
      tags = next;
    },
  };
}

describe('Observer', () => {
  it('does nothing while nobody looks', async () => {
    const { clock, clusters, asked, observer } = begin();
    await clock.advance(3_600_000);
    assert.equal(clusters.length, 0);
    assert.equal(asked.length, 0);
    assert.equal(clock.waiting, 0);
    assert.equal(observer.facts.clusters.size, 0);
    observer.dispose();
  });

  it('watches while somebody looks, tells changes once, and hands out snapshots', async () => {
    const { clock, clusters, observer, told } = begin();
    observer.interest();
    await clock.advance(100);
    const [cluster] = clusters;
    assert.ok(cluster);
    const before = observer.facts;
    assert.equal(observer.facts, before);
    const tellings = told();
    for (let index = 0; index < 20; index += 1) cluster.show([]);
    assert.equal(told(), tellings);
    await clock.advance(50);
    assert.equal(told(), tellings + 1);
    assert.notEqual(observer.facts, before);
    assert.equal(before.clusters.get('prod')?.imageRepositories.state, 'unknown');
    assert.equal(observer.facts.clusters.get('prod')?.imageRepositories.state, 'known');
    observer.dispose();
    await settled();
    assert.equal(clock.waiting, 0);
    assert.equal(cluster.isOver, true);
  });

  it('rests a minute after the last look, keeps what it knew, and carries it until the cluster answers again', async () => {
    const { clock, clusters, observer } = begin();
    const look = observer.interest();
    await clock.advance(100);
    clusters[0]?.show([imageRepository('r.test/a', 1)]);
    look.dispose();
    look.dispose();
    await clock.advance(30_000);
    assert.equal(clusters[0]?.isOver, false);
    await clock.advance(30_000);
    assert.equal(clusters[0]?.isOver, true);
    assert.equal(clock.waiting, 0);
    const state = (): string | undefined => observer.facts.clusters.get('prod')?.imageRepositories.state;
    assert.equal(state(), 'known');
    observer.interest();
    await clock.advance(100);
    assert.equal(clusters.length, 2);
    assert.equal(state(), 'known');
    observer.dispose();
  });

  it('forgets what another server said when a context comes to mean a new one', async () => {
    const { clock, clusters, observer } = begin();
    observer.interest();
    await clock.advance(100);
    const [first] = clusters;
    assert.ok(first);
    first.show([imageRepository('r.test/a', 1)]);
    const again = () => observer.configure({ settings: defaultSettings, contexts: new Map([['production', 'prod']]) });
    again();
    assert.equal(clusters.length, 1);
    first.isOutdated = true;
    again();
    assert.equal(first.isOver, true);
    assert.equal(clusters.length, 2);
    assert.equal(observer.facts.clusters.get('prod')?.imageRepositories.state, 'unknown');
    observer.dispose();
  });

  it('reads the tags of what is scanned, and again as soon as a cluster has seen more', async () => {
    const { clock, clusters, asked, observer, publishTags } = begin();
    observer.interest();
    await clock.advance(100);
    clusters[0]?.show([imageRepository('r.test/a', 1)]);
    await clock.advance(600);
    assert.deepEqual(asked, ['r.test/a']);
    assert.equal(observer.isInsecureRegistry('r.test'), true);
    assert.equal(observer.isInsecureRegistry('other.test'), false);
    publishTags(['v1', 'v2']);
    await clock.advance(10_000);
    clusters[0]?.show([imageRepository('r.test/a', 2)]);
    await clock.advance(600);
    assert.equal(asked.length, 2);
    await clock.advance(20_000);
    assert.equal(asked.length, 2);
    const reading = observer.facts.registry.get('r.test/a');
    assert.deepEqual(reading?.state === 'known' && reading.value.tags, ['v1', 'v2']);
    observer.dispose();
  });

  it('reads again only the image of which a cluster has seen more, and others at once when they follow', async () => {
    const { clock, clusters, asked, observer, publishTags } = begin();
    observer.interest();
    await clock.advance(100);
    const show = (a: number, b: number) =>
      clusters[0]?.show([imageRepository('r.test/a', a), imageRepository('r.test/b', b)]);
    show(1, 1);
    await clock.advance(600);
    assert.deepEqual(asked.toSorted(), ['r.test/a', 'r.test/b']);
    await clock.advance(10_000);
    publishTags(['v1', 'v2']);
    show(2, 1);
    await clock.advance(600);
    assert.deepEqual(asked.slice(2), ['r.test/a']);
    show(2, 2);
    await clock.advance(600);
    assert.deepEqual(asked.slice(2), ['r.test/a', 'r.test/b']);
    publishTags(['v1', 'v2', 'v3']);
    show(3, 2);
    show(3, 2);
    await clock.advance(3_500);
    assert.equal(asked.length, 4);
    await clock.advance(1_500);
    assert.deepEqual(asked.slice(4), ['r.test/a']);
    observer.dispose();
    assert.equal(clock.waiting, 0);
  });

  it('leaves clusters that are named no more, and dims one that cannot be connected', async () => {
    const { clock, clusters, observer } = begin();
    observer.interest();
    await clock.advance(100);
    const contexts = new Map([
      ['a', 'other'],
      ['b', 'broken'],
    ]);
    observer.configure({ settings: defaultSettings, contexts });
    assert.equal(clusters[0]?.isOver, true);
    assert.deepEqual([...observer.facts.clusters.keys()], ['other', 'broken']);
    const broken = observer.facts.clusters.get('broken')?.pods;
    assert.equal(broken?.state === 'unknown' && broken.problem.code, 'context-unknown');
    observer.dispose();
  });

  it('lets the newest refresh win, and the user cancel', async () => {
    const { clock, clusters, observer } = begin();
    observer.interest();
    await clock.advance(100);
    const cluster = clusters[0];
    assert.ok(cluster);
    let answer = (): void => undefined;
    cluster.refresh = async () => await new Promise<void>((resolve) => (answer = resolve));
    const first = observer.refresh(signal);
    const second = observer.refresh(signal);
    await assert.rejects(first, { name: 'AbortError' });
    answer();
    await second;
    const user = new AbortController();
    const third = observer.refresh(user.signal);
    user.abort(new Error('cancelled by the user'));
    await assert.rejects(third, /cancelled by the user/);
    observer.dispose();
  });
});
