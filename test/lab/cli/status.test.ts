// `flux-promote status` on real repositories of many shapes.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { Status } from '../../../src/terminal/status';
import { commit, git, remoteAndClone, removeFolder, temporaryFolder, write } from '../gitFixture';
import { layouts } from './layouts';
import { deployment } from './manifests';
import { buildProgram, type Program } from './program';

function outline({ environments }: Status): readonly string[] {
  return environments.flatMap(({ name, placements }) =>
    placements.map(({ service, image, written, file, line, policy }) =>
      [name, service, image, written ?? '-', `${file}:${line}`, policy ?? '-'].join(' '),
    ),
  );
}

describe('flux-promote status', function () {
  this.timeout(60_000);
  let program: Program;
  let folder = '';
  before(async () => {
    program = await buildProgram();
  });
  after(() => program.remove());
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => removeFolder(folder));

  const read = async (at: string, ...given: readonly string[]): Promise<Status> => {
    const { exitCode, output, errors } = await program.run(at, ['status', '--json', ...given]);
    assert.deepEqual([exitCode, errors], [0, '']);
    return JSON.parse(output) as Status;
  };
  const refusal = async (at: string, ...given: readonly string[]): Promise<string> => {
    const { exitCode, output, errors } = await program.run(at, ['status', ...given]);
    assert.deepEqual([exitCode, output], [2, '']);
    return errors;
  };
  const start = (): void => {
    git(folder, 'init', '-q', '-b', 'main');
  };
  const one = (tag: string) => ({ 'apps/prod/app.yaml': deployment('backend', `ghcr.io/acme/backend:${tag}`) });
  const writtenIn = ({ environments }: Status) => environments.flatMap(({ placements }) => placements[0]?.written);

  for (const { name, files, placements, problems = [] } of layouts) {
    it(`reads ${name}`, async () => {
      start();
      const hash = commit(folder, 'All', files);
      const status = await read(folder);
      assert.equal(status.commit, hash);
      assert.deepEqual(outline(status), placements);
      assert.deepEqual(
        status.problems.map(({ code }) => code),
        problems,
      );
      assert.deepEqual(
        status.environments.flatMap((environment) => environment.placements.flatMap((placement) => placement.problems)),
        [],
      );
    });
  }

  it('prints a table', async () => {
    start();
    const hash = commit(folder, 'All', one('v1'));
    const { output } = await program.run(folder, ['status']);
    assert.equal(
      output,
      `Commit ${hash}\n\nENVIRONMENT  SERVICE  WRITTEN  WHERE\nprod         backend  v1       apps/prod/app.yaml:9\n`,
    );
  });

  it('reads what the remote has, not what is committed or changed here, unless it is told so', async () => {
    const { clone } = remoteAndClone(folder);
    const pushed = commit(clone, 'Pushed', one('v1'));
    git(clone, 'push', '-q', 'origin', 'main');
    const local = commit(clone, 'Local', one('v2'));
    write(clone, one('v3'));
    assert.deepEqual([(await read(clone)).commit, ...writtenIn(await read(clone))], [pushed, 'v1']);
    for (const ref of ['HEAD', 'main', local, local.slice(0, 8)]) {
      assert.deepEqual(writtenIn(await read(folder, '--repo', 'clone', '--ref', ref)), ['v2']);
    }
    git(clone, 'checkout', '-q', '--detach');
    assert.equal((await read(join(clone, 'apps'))).commit, pushed);
  });

  it('reads HEAD and says why where it is unknown what Flux follows', async () => {
    const { clone } = remoteAndClone(folder);
    const hash = commit(clone, 'Local', one('v2'));
    git(clone, 'update-ref', '-d', 'refs/remotes/origin/main');
    const status = await read(clone);
    assert.equal(status.commit, hash);
    assert.deepEqual(
      status.problems.map(({ code }) => code),
      ['git-ref-missing'],
    );
  });

  it('reads a shallow clone, a detached HEAD without a remote, and a bare repository', async () => {
    const { remote, clone } = remoteAndClone(folder);
    commit(clone, 'Pushed', one('v1'));
    git(clone, 'push', '-q', 'origin', 'main');
    git(folder, 'clone', '-q', '--depth', '1', `file://${remote}`, 'shallow');
    assert.deepEqual(writtenIn(await read(join(folder, 'shallow'))), ['v1']);
    git(clone, 'remote', 'remove', 'origin');
    git(clone, 'checkout', '-q', '--detach');
    assert.deepEqual(writtenIn(await read(clone)), ['v1']);
    assert.deepEqual(writtenIn(await read(remote)), ['v1']);
  });

  it('ends with 2 and one sentence when nothing can be read', async () => {
    mkdirSync(join(folder, 'plain'));
    assert.match(
      await refusal(join(folder, 'plain')),
      /^flux-promote: .* is not a Git repository that can be read\. .*\n$/,
    );
    assert.match(
      await refusal(folder, '--repo', 'nowhere'),
      /^flux-promote: The folder .*nowhere does not exist\. .*\n$/,
    );
    start();
    assert.match(await refusal(folder), /^flux-promote: .* has no commit yet, so there is nothing to read\. .*\n$/);
    commit(folder, 'All', one('v1'));
    assert.match(await refusal(folder, '--ref', 'nope'), /^flux-promote: nope does not exist in this clone\. .*\n$/);
    assert.match(await refusal(folder, '--ref=-x'), /^flux-promote: --ref is a branch, tag or commit, not "-x"\.\n/);
    git(folder, 'config', 'core.repositoryFormatVersion', '99');
    assert.match(await refusal(folder), /^flux-promote: .* is not a Git repository that can be read\. /);
  });
});
