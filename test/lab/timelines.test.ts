// The timeline of one placement in repositories whose history is not a straight line, by the real Git.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import { gitReader } from '../../src/base/git/reader';
import { silentLogger } from '../../src/base/logger';
import { readManifests } from '../../src/manifests/repository';
import { historyKey, type RepositoryFacts, type TagChange } from '../../src/model/facts';
import { problemOf, type Reading, valueOf } from '../../src/model/reading';
import type { GitSource } from '../../src/sources/git';
import { readHistories, readIntroduction, readTimeline } from '../../src/sources/histories';
import { readRepositoryAt } from '../../src/sources/repositoryAt';
import { commit, git, removeFolder, run, temporaryFolder, write } from './gitFixture';

const { signal } = new AbortController();
const image = 'ghcr.io/acme/backend';
const file = 'apps/production/kustomization.yaml';
const marker = (service: string): string => ` # {"$imagepolicy": "production:${service}:tag"}`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: backend}
spec: {template: {spec: {containers: [{name: a, image: '${image}'}, {name: b, image: ghcr.io/acme/frontend}]}}}
`;

/** An overlay with two services; `note` is a line above them. */
function overlay(tag: string, { mark = marker('backend'), frontend = 'f1', note = '' } = {}): string {
  return `namespace: production
${note === '' ? '' : `# ${note}\n`}resources: [deployment.yaml]
images:
  - name: ghcr.io/acme/frontend
    newTag: ${frontend}${marker('frontend')}
  - name: ${image}
    newTag: ${tag}${mark}
`;
}

describe('the timeline of a placement', function () {
  this.timeout(60_000);
  let folder = '';
  let clone = '';
  let clock = 1_700_000_000;

  beforeEach(() => {
    folder = temporaryFolder();
    clone = join(folder, 'clone');
    git(folder, 'init', '-q', '-b', 'main', clone);
    git(clone, 'config', 'uploadpack.allowFilter', 'true');
    commit(clone, 'begin', { 'apps/production/deployment.yaml': deployment, [file]: overlay('placeholder') });
  });
  afterEach(() => removeFolder(folder));

  function sourceOf(at: string): GitSource {
    return {
      folder: at,
      reader: (one) => gitReader(one, run(one)),
      readManifests,
      clock: systemClock,
      logger: silentLogger,
    };
  }

  interface Told {
    readonly changes: readonly string[];
    readonly reading: Reading<readonly TagChange[]>;
  }

  function describeChanges(reading: Reading<readonly TagChange[]> | undefined): readonly string[] {
    return (valueOf(reading) ?? []).map((one) => `${one.commit.subject}: ${one.from ?? '-'} > ${one.to}`);
  }

  /** As the command line reads it, and as the editor does behind its tree; both must tell the same. */
  async function told(at = clone, path = file, identity = 'production:backend:tag'): Promise<Told> {
    const source = sourceOf(at);
    const { facts } = await readRepositoryAt(source, 'HEAD', signal);
    const key = historyKey(path, identity);
    const reading = await readTimeline(source, facts, key, signal);
    // What is shown first is the newest of them.
    const first = await readIntroduction(source, facts, key, signal);
    assert.deepEqual(describeChanges(first), describeChanges(reading).slice(0, 1));
    let histories: RepositoryFacts['histories'] = new Map();
    await readHistories(source, facts, (read) => (histories = read), signal);
    assert.deepEqual(describeChanges(histories.get(key)), describeChanges(reading));
    return { changes: describeChanges(reading), reading };
  }

  const write1 = (subject: string, tag: string, options = {}): string => {
    clock += 60;
    return commit(clone, subject, { [file]: overlay(tag, options) });
  };

  it('tells a tag that was used twice twice, and nothing of the other service in the same commits', async () => {
    write1('one', 'v1');
    write1('two', 'v2', { frontend: 'f2' });
    write1('other', 'v2', { frontend: 'f3' });
    write1('back', 'v1', { frontend: 'f3' });
    write1('again', 'v2', { frontend: 'f4' });
    assert.deepEqual((await told()).changes, [
      'again: v1 > v2',
      'back: v2 > v1',
      'two: v1 > v2',
      'one: placeholder > v1',
      'begin: - > placeholder',
    ]);
  });

  it('goes on under the older names of its file, also where a rename changed it', async () => {
    write1('one', 'v1');
    git(clone, 'mv', file, 'apps/production/kustomization.yml');
    git(clone, 'commit', '-q', '-m', 'rename');
    const renamed = 'apps/production/kustomization.yml';
    commit(clone, 'two', { [renamed]: overlay('v2') });
    git(clone, 'mv', 'apps/production', 'apps/live');
    commit(clone, 'move and write', { 'apps/live/kustomization.yml': overlay('v3', { note: 'moved' }) });
    const moved = 'apps/live/kustomization.yml';
    commit(clone, 'four', { [moved]: overlay('v4', { note: 'moved' }) });
    assert.deepEqual((await told(clone, moved)).changes, [
      'four: v3 > v4',
      'move and write: v2 > v3',
      'two: v1 > v2',
      'one: placeholder > v1',
      'begin: - > placeholder',
    ]);
  });

  it('leaves out what was lost on the other side of a merge', async () => {
    write1('one', 'v1');
    git(clone, 'checkout', '-q', '-b', 'side');
    write1('lost', 'v9', { note: 'side' });
    git(clone, 'checkout', '-q', 'main');
    write1('two', 'v2');
    write(clone, { [file]: overlay('v2', { note: 'merged' }) });
    merge('side', overlay('v2', { note: 'merged' }));
    write1('three', 'v3', { note: 'merged' });
    assert.deepEqual((await told()).changes, [
      'three: v2 > v3',
      'two: v1 > v2',
      'one: placeholder > v1',
      'begin: - > placeholder',
    ]);
  });

  it("names the bot's own commit, not the merge that brought it", async () => {
    write1('one', 'v1');
    git(clone, 'checkout', '-q', '-b', 'flux');
    write1('bot', 'v2');
    git(clone, 'checkout', '-q', 'main');
    commit(clone, 'elsewhere', { 'README.md': 'x\n' });
    git(clone, 'merge', '-q', '--no-ff', '-m', 'merge pull request', 'flux');
    assert.deepEqual((await told()).changes.slice(0, 2), ['bot: v1 > v2', 'one: placeholder > v1']);
  });

  it('names the merge itself where it made a tag of its own', async () => {
    write1('one', 'v1');
    git(clone, 'checkout', '-q', '-b', 'side');
    write1('side', 'v8');
    git(clone, 'checkout', '-q', 'main');
    write1('two', 'v2');
    merge('side', overlay('v3'));
    assert.equal((await told()).changes[0]?.replace(/: \S+ >/, ':  >'), 'merge:  > v3');
  });

  it('takes a squashed commit for what it is', async () => {
    write1('one', 'v1');
    git(clone, 'checkout', '-q', '-b', 'side');
    write1('a', 'v2');
    write1('b', 'v3', { frontend: 'f2' });
    git(clone, 'checkout', '-q', 'main');
    git(clone, 'merge', '-q', '--squash', 'side');
    git(clone, 'commit', '-q', '-m', 'squashed');
    assert.deepEqual((await told()).changes.slice(0, 2), ['squashed: v1 > v3', 'one: placeholder > v1']);
  });

  it('follows the line while its marker is off, and after it has come back', async () => {
    write1('one', 'v1');
    write1('two', 'v2');
    write1('back without marker', 'v1', { mark: '' });
    assert.deepEqual((await told(clone, file, image)).changes.slice(0, 2), [
      'back without marker: v2 > v1',
      'two: v1 > v2',
    ]);
    write1('marker', 'v1');
    write1('three', 'v3');
    assert.deepEqual((await told()).changes, [
      'three: v1 > v3',
      'back without marker: v2 > v1',
      'two: v1 > v2',
      'one: placeholder > v1',
      'begin: - > placeholder',
    ]);
  });

  it('minds the order of commits, not what their clocks say', async () => {
    for (const [subject, tag, date] of [
      ['one', 'v1', '2031-01-01T00:00:00Z'],
      ['two', 'v2', '1999-01-01T00:00:00Z'],
      ['three', 'v3', '2020-01-01T00:00:00Z'],
    ] as const) {
      write(clone, { [file]: overlay(tag) });
      git(clone, 'add', '-A');
      git(clone, '-c', `user.name=x`, 'commit', '-q', '-m', subject, '--date', date);
    }
    assert.deepEqual((await told()).changes.slice(0, 3), ['three: v2 > v3', 'two: v1 > v2', 'one: placeholder > v1']);
  });

  it('says of a shallow clone that it hides older changes', async () => {
    write1('one', 'v1');
    write1('two', 'v2');
    const shallow = join(folder, 'shallow');
    git(folder, 'clone', '-q', '--depth', '2', `file://${clone}`, shallow);
    const { changes, reading } = await told(shallow);
    assert.deepEqual(changes, ['two: v1 > v2']);
    assert.equal(problemOf(reading)?.code, 'git-shallow');
  });

  it('says of a partial clone what it cannot see, and fetches nothing for it', async () => {
    write1('one', 'v1');
    write1('two', 'v2');
    const partial = join(folder, 'partial');
    git(folder, 'clone', '-q', '--filter=blob:none', `file://${clone}`, partial);
    const present = (): string => git(partial, 'cat-file', '--batch-check', '--batch-all-objects', '--unordered');
    const source = sourceOf(partial);
    const { facts } = await readRepositoryAt(source, 'HEAD', signal);
    const before = present();
    const reading = await readTimeline(source, facts, historyKey(file, 'production:backend:tag'), signal);
    assert.equal(problemOf(reading)?.code, 'git-partial');
    assert.match(problemOf(reading)?.message ?? '', /is a partial clone .* Clone it without a filter/);
    assert.equal(present(), before);
  });

  function merge(branch: string, text: string): void {
    try {
      git(clone, 'merge', '-q', '--no-commit', '--no-ff', branch);
    } catch {
      // The conflict is what this is about.
    }
    write(clone, { [file]: text });
    git(clone, 'add', '-A');
    git(clone, 'commit', '-q', '-m', 'merge');
  }
});
