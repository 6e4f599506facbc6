import assert from 'node:assert/strict';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import { gitReader } from '../../src/base/git/reader';
import { silentLogger } from '../../src/base/logger';
import { readManifests } from '../../src/manifests/repository';
import { historyKey, type RepositoryFacts } from '../../src/model/facts';
import { problemOf } from '../../src/model/reading';
import { fetchRepository, type GitSource, readReference, readRepository } from '../../src/sources/git';
import { lacksHistories, readHistories } from '../../src/sources/histories';
import { commit, git, remoteAndClone, removeFolder, run, temporaryFolder, write } from './gitFixture';

const signal = new AbortController().signal;

function sourceIn(folder: string, path?: string): GitSource {
  const program = path === undefined ? {} : { path };
  return {
    folder,
    reader: (at) => gitReader(at, run(at, program)),
    readManifests,
    clock: systemClock,
    logger: silentLogger,
  };
}

function gitRepository(url: string, branch: string): string {
  return `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: flux-system, namespace: flux-system }
spec: { url: '${url}', ref: { branch: ${branch} }, interval: 1m }
`;
}

function deployment(name: string, tag: string, marker = ''): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ns }
spec:
  template:
    spec:
      containers:
        - name: app
          image: ghcr.io/acme/${name}:${tag}${marker}
`;
}

const marker = ' # {"$imagepolicy": "ns:backend"}';
const key = historyKey('apps/backend.yaml', 'ns:backend');

function codeOf(facts: RepositoryFacts): string | undefined {
  return problemOf(facts.content)?.code;
}

async function historiesOf(source: GitSource, facts: RepositoryFacts): Promise<RepositoryFacts> {
  let { histories } = facts;
  await readHistories(source, facts, (slice) => (histories = slice), signal);
  return { ...facts, histories };
}

function timeline(facts: RepositoryFacts, at = key): readonly string[] {
  const reading = facts.histories.get(at);
  assert.ok(reading !== undefined && reading.state !== 'unknown');
  return reading.value.map(({ from, to, commit: { subject } }) => `${subject}: ${from ?? '-'}>${to}`);
}

describe('the git source over real repositories', function () {
  // Real programs and sockets, on a machine that may be busy.
  this.timeout(30_000);
  let folder = '';
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => removeFolder(folder));

  const push = (clone: string, message: string, files: Readonly<Record<string, string>>): string => {
    const hash = commit(clone, message, files);
    git(clone, 'push', '-q', 'origin', 'HEAD');
    return hash;
  };

  it('leaves symbolic links out, as source-controller does', async () => {
    const { clone } = remoteAndClone(folder);
    write(clone, { 'apps/backend.yaml': deployment('backend', 'v1'), 'ov/x.txt': '' });
    symlinkSync('../apps/backend.yaml', join(clone, 'ov/kustomization.yaml'));
    symlinkSync('.', join(clone, 'loop.yaml'));
    push(clone, 'Links', {});
    const facts = await readRepository(sourceIn(clone), [], undefined, signal);
    assert.ok(facts.content.state === 'known');
    assert.deepEqual([...facts.content.value.files.keys()], ['apps/backend.yaml']);
    assert.deepEqual(facts.content.value.manifests.problems, []);
  });

  it('reads what Flux follows, not what the user has open', async () => {
    const { remote, clone } = remoteAndClone(folder);
    git(clone, 'checkout', '-q', '-b', 'live');
    const live = push(clone, 'Live', { 'apps/backend.yaml': deployment('backend', 'v1', marker) });
    git(clone, 'checkout', '-q', 'main');
    push(clone, 'Main', { 'clusters/x/source.yaml': gitRepository(`file://${remote}`, 'live') });
    git(clone, 'remote', 'set-url', 'origin', `file://${remote}`);
    write(clone, { 'apps/backend.yaml': 'not even saved: [' });
    const facts = await readRepository(sourceIn(join(clone, 'clusters')), [], undefined, signal);
    assert.equal(facts.branch, 'live');
    assert.equal(facts.folder, git(clone, 'rev-parse', '--show-toplevel'));
    assert.ok(facts.content.state === 'known');
    assert.equal(facts.content.value.commit.hash, live);
    assert.equal(facts.content.value.recent[0], live);
    assert.equal(facts.content.value.manifests.markers[0]?.value, 'ghcr.io/acme/backend:v1');
    assert.ok(facts.content.value.files.get('apps/backend.yaml')?.includes(':v1'));
  });

  it('reads one commit once, fetches, and carries the histories on', async () => {
    const { remote, clone } = remoteAndClone(folder);
    push(clone, 'One', { 'apps/backend.yaml': deployment('backend', 'v1', marker) });
    push(clone, 'Two', { 'apps/backend.yaml': deployment('backend', 'v2', marker) });
    const source = sourceIn(clone);
    const first = await readRepository(source, [], undefined, signal);
    assert.equal(lacksHistories(first), true);
    const told = await historiesOf(source, first);
    assert.equal(lacksHistories(told), false);
    assert.deepEqual(timeline(told), ['Two: v1>v2', 'One: ->v1']);
    const again = await readRepository(source, [], told, signal);
    assert.ok(again.content.state === 'known' && told.content.state === 'known');
    assert.equal(again.content.value, told.content.value);
    const other = join(folder, 'other');
    git(folder, 'clone', '-q', remote, other);
    push(other, 'Bot', { 'apps/backend.yaml': deployment('backend', 'v3', marker) });
    assert.equal(await fetchRepository(source, again, signal), undefined);
    const moved = await readRepository(source, [], again, signal);
    assert.deepEqual(timeline(moved), ['Bot: v2>v3', 'Two: v1>v2', 'One: ->v1']);
    assert.equal(lacksHistories(moved), false);
    git(other, 'reset', '-q', '--hard', 'HEAD~2');
    commit(other, 'Rewritten', { 'apps/backend.yaml': deployment('backend', 'v9', marker) });
    git(other, 'push', '-q', '--force', 'origin', 'main');
    assert.equal(await fetchRepository(source, moved, signal), undefined);
    const rewritten = await readRepository(source, [], moved, signal);
    assert.deepEqual([...rewritten.histories], []);
    assert.deepEqual(timeline(await historiesOf(source, rewritten)), ['Rewritten: v1>v9', 'One: ->v1']);
  });

  it('follows a tag without a marker by its image', async () => {
    const { clone } = remoteAndClone(folder);
    push(clone, 'One', { 'apps/backend.yaml': deployment('backend', 'v1') });
    push(clone, 'Two', { 'apps/backend.yaml': `# a comment\n${deployment('backend', 'v2')}` });
    const source = sourceIn(clone);
    const facts = await historiesOf(source, await readRepository(source, [], undefined, signal));
    assert.deepEqual(timeline(facts, historyKey('apps/backend.yaml', 'ghcr.io/acme/backend')), [
      'Two: v1>v2',
      'One: ->v1',
    ]);
  });

  it('says that a shallow clone hides older changes, and does not take its edge for a beginning', async () => {
    const { remote, clone } = remoteAndClone(folder);
    for (const tag of ['v1', 'v2', 'v3']) push(clone, tag, { 'apps/backend.yaml': deployment('backend', tag, marker) });
    const cut = join(folder, 'cut');
    git(folder, 'clone', '-q', '--depth', '2', `file://${remote}`, cut);
    const source = sourceIn(cut);
    const facts = await historiesOf(source, await readRepository(source, [], undefined, signal));
    assert.equal(facts.isShallow, true);
    assert.deepEqual(timeline(facts), ['v3: v2>v3']);
    assert.equal(problemOf(facts.histories.get(key))?.code, 'git-shallow');
    assert.equal(lacksHistories(facts), false);
  });

  it('keeps a 10 MB file out and everything else in', async () => {
    const { clone } = remoteAndClone(folder);
    push(clone, 'Big', {
      'apps/backend.yaml': deployment('backend', 'v1', marker),
      'big.yaml': 'x: y\n'.repeat(2_000_000),
    });
    const facts = await readRepository(sourceIn(clone), [], undefined, signal);
    assert.ok(facts.content.state === 'known');
    const { problems, markers } = facts.content.value.manifests;
    assert.deepEqual(
      problems.map(({ code, file }) => [code, file]),
      [['file-too-large', 'big.yaml']],
    );
    assert.equal(markers.length, 1);
  });

  it('reads any reference for the command line', async () => {
    const { clone } = remoteAndClone(folder);
    const hash = commit(clone, 'Local only', { 'apps/backend.yaml': deployment('backend', 'v7', marker) });
    const content = await readReference(sourceIn(clone), 'HEAD', signal);
    assert.equal(content.commit.hash, hash);
    assert.equal(content.manifests.markers.length, 1);
  });

  const broken: readonly (readonly [string, string, (clone: string, remote: string) => GitSource])[] = [
    ['no Git', 'git-missing', (clone) => sourceIn(clone, '/nowhere/git')],
    ['no repository', 'git-not-a-repository', () => sourceIn(folder)],
    ['no folder', 'git-not-a-repository', (clone) => sourceIn(join(clone, 'nowhere'))],
    [
      'no remote',
      'git-no-remote',
      (clone) => {
        git(clone, 'remote', 'remove', 'origin');
        return sourceIn(clone);
      },
    ],
    [
      'detached without a default branch',
      'git-detached',
      (clone) => {
        git(clone, 'checkout', '-q', '--detach');
        git(clone, 'update-ref', '-d', 'refs/remotes/origin/main');
        git(clone, 'remote', 'set-head', 'origin', '--delete');
        return sourceIn(clone);
      },
    ],
    [
      'unborn',
      'git-unborn',
      () => {
        const bare = join(folder, 'empty.git');
        git(folder, 'init', '-q', '--bare', '-b', 'main', bare);
        git(folder, 'init', '-q', '-b', 'trunk', join(folder, 'unborn'));
        git(join(folder, 'unborn'), 'remote', 'add', 'origin', bare);
        return sourceIn(join(folder, 'unborn'));
      },
    ],
    [
      'a followed branch that was never fetched',
      'git-ref-missing',
      (clone, remote) => {
        git(clone, 'remote', 'set-url', 'origin', `file://${remote}`);
        push(clone, 'Main', { 'source.yaml': gitRepository(`file://${remote}`, 'never') });
        return sourceIn(clone);
      },
    ],
  ];
  for (const [name, code, prepare] of broken) {
    it(`says ${code} for ${name}`, async () => {
      const { clone, remote } = remoteAndClone(folder);
      const facts = await readRepository(prepare(clone, remote), [], undefined, signal);
      assert.equal(codeOf(facts), code);
    });
  }

  it('reads a detached clone all the same when the remote names its default branch', async () => {
    const { clone } = remoteAndClone(folder);
    git(clone, 'checkout', '-q', '--detach');
    const facts = await readRepository(sourceIn(clone), [], undefined, signal);
    assert.equal(facts.branch, 'main');
    assert.equal(facts.content.state, 'known');
  });

  it('keeps what it knew when the clone or the remote goes away', async () => {
    const { clone, remote } = remoteAndClone(folder);
    const source = sourceIn(clone);
    const facts = await readRepository(source, [], undefined, signal);
    rmSync(remote, { recursive: true });
    assert.equal((await fetchRepository(source, facts, signal))?.code, 'git-failed');
    rmSync(clone, { recursive: true });
    const gone = await readRepository(source, [], facts, signal);
    assert.equal(gone.content.state, 'stale');
    assert.equal(codeOf(gone), 'git-not-a-repository');
  });
});
