import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import { gitReader } from '../../src/base/git/reader';
import { silentLogger } from '../../src/base/logger';
import { readManifests } from '../../src/manifests/repository';
import { historyKey } from '../../src/model/facts';
import { valueOf } from '../../src/model/reading';
import type { GitSource } from '../../src/sources/git';
import { RepositoryWatch } from '../../src/sources/repositoryWatch';
import { commit, git, remoteAndClone, removeFolder, run, temporaryFolder } from './gitFixture';
import { until } from './until';

const signal = new AbortController().signal;
const key = historyKey('app.yaml', 'ns:backend');

describe('RepositoryWatch', () => {
  let folder: string;
  let clone: string;

  beforeEach(() => {
    folder = temporaryFolder();
    ({ clone } = remoteAndClone(folder));
    const text = (tag: string): string => `kind: Thing
metadata: { name: a }
image: ghcr.io/acme/backend:${tag} # {"$imagepolicy": "ns:backend"}
`;
    for (const tag of ['v1', 'v2']) {
      commit(clone, `write ${tag}`, {
        'app.yaml': text(tag),
        'other.yaml': text('v0').replace('ns:backend', 'ns:other'),
      });
    }
    git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
  });
  afterEach(() => removeFolder(folder));

  it('keeps the histories that come while the same commit is read again', async () => {
    let reads = 0;
    const isWhole = (): boolean => valueOf(watch.facts?.histories.get(key))?.length === 2;
    const source: GitSource = {
      folder: clone,
      reader: (at) => {
        const reader = gitReader(at, run(at, {}));
        return {
          ...reader,
          isShallow: async (given) => {
            reads += 1;
            // The second reading has begun with what was known before, and ends after the histories have come.
            if (reads === 2) await until(isWhole, { timeoutMs: 20_000, what: 'the histories' });
            return reader.isShallow(given);
          },
        };
      },
      readManifests,
      clock: systemClock,
      logger: silentLogger,
    };
    const watch = new RepositoryWatch(source, () => undefined);
    await watch.read([], signal);
    await watch.read([], signal);
    assert.equal(reads, 2);
    assert.ok(isWhole());
    watch.dispose();
  });

  it('tells the same facts again while the remote is silent, and others once it answers', async () => {
    const source = { folder: clone, readManifests, clock: systemClock, logger: silentLogger };
    const watch = new RepositoryWatch({ ...source, reader: (at) => gitReader(at, run(at, {})) }, () => undefined);
    const url = git(clone, 'remote', 'get-url', 'origin').trim();
    git(clone, 'remote', 'set-url', 'origin', join(folder, 'gone.git'));
    await watch.update([], signal);
    await until(() => valueOf(watch.facts?.histories.get(key)) !== undefined, { timeoutMs: 20_000, what: 'histories' });
    const { facts } = watch;
    assert.equal(facts?.content.state, 'stale');
    assert.equal(watch.facts, facts);
    git(clone, 'remote', 'set-url', 'origin', url);
    await watch.update([], signal);
    assert.equal(watch.facts?.content.state, 'known');
    watch.dispose();
  });

  it('reads one timeline ahead of the others, its newest change first, and takes nothing of it back', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const source: GitSource = {
      folder: clone,
      reader: (at) => {
        const reader = gitReader(at, run(at, {}));
        return {
          ...reader,
          history: async (...given) => {
            // All timelines at once are read by patterns, and one by its file.
            if ('patterns' in given[1].files) await held;
            return await reader.history(...given);
          },
        };
      },
      readManifests,
      clock: systemClock,
      logger: silentLogger,
    };
    const seen: string[] = [];
    const watch = new RepositoryWatch(source, () => {
      const reading = watch.facts?.histories.get(key);
      const told = `${reading?.state}: ${(valueOf(reading) ?? []).map(({ to }) => to).join(' ')}`;
      if (reading !== undefined && seen.at(-1) !== told) seen.push(told);
    });
    await watch.read([], signal);
    await watch.readHistory(key, signal);
    assert.deepEqual(seen, ['stale: v2', 'known: v2 v1']);
    release();
    await watch.read([], signal);
    await until(() => watch.facts?.histories.size === 2, { timeoutMs: 20_000, what: 'the other timelines' });
    assert.deepEqual(seen, ['stale: v2', 'known: v2 v1']);
    watch.dispose();
  });
});
