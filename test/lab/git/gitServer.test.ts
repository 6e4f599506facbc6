import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, it } from 'mocha';
import { makeBareRepository } from '../../../src/lab/git/bareRepository';
import { type GitServerOptions, type RunningGitServer, startGitServer } from '../../../src/lab/git/gitServer';
import { GitFailure, runGit } from '../../../src/lab/git/labGit';
import { ProblemError } from '../../../src/model/problem';
import { withTemporaryFolder } from '../temporaryFolder';
import { protectBranch } from './serverHooks';

const identity = ['-c', 'user.name=Lab User', '-c', 'user.email=lab@example.invalid'];

interface Scene {
  readonly server: RunningGitServer;
  readonly root: string;
  readonly work: string;
}

function withServer(body: (scene: Scene) => Promise<void>, options: Partial<GitServerOptions> = {}): Promise<void> {
  return withTemporaryFolder(async (folder) => {
    const root = join(folder, 'git');
    const work = join(folder, 'work');
    await mkdir(root);
    await makeBareRepository(join(root, 'flux.git'));
    await runGit(['init', '-q', '-b', 'main', work]);
    await commit(work, 'a.txt', 'a\n');
    const server = await startGitServer({ root, port: 0, ...options });
    try {
      await body({ server, root, work });
    } finally {
      await server.stop();
    }
  });
}

async function commit(work: string, path: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(work, path), content);
  await runGit(['add', path], { cwd: work });
  await runGit([...identity, 'commit', '-qm', `Write ${path}`], { cwd: work });
  return (await runGit(['rev-parse', 'HEAD'], { cwd: work })).trim();
}

describe('lab git server', function () {
  // Real sockets and real programs, on a machine that may be busy.
  this.timeout(60_000);

  it('takes a push, and a clone has it', () =>
    withServer(async ({ server, work }) => {
      const head = await commit(work, 'b.txt', 'b\n');
      await runGit(['push', '-q', server.url('flux'), 'main'], { cwd: work });
      const clone = join(work, 'clone');
      await runGit(['clone', '-q', server.url('flux'), clone]);
      assert.equal((await runGit(['rev-parse', 'HEAD'], { cwd: clone })).trim(), head);
      assert.equal(await readFile(join(clone, 'b.txt'), 'utf8'), 'b\n');
    }));

  it('streams a push larger than http.postBuffer, which comes in chunks and without a length', () =>
    withServer(async ({ server, work }) => {
      const content = randomBytes(3 * 1024 * 1024);
      const head = await commit(work, 'large.bin', content);
      await runGit(['-c', 'http.postBuffer=65536', 'push', '-q', server.url('flux'), 'main'], { cwd: work });
      const listed = await runGit(['ls-remote', server.url('flux'), 'refs/heads/main']);
      assert.equal(listed.slice(0, 40), head);
      const clone = join(work, 'clone');
      await runGit(['clone', '-q', server.url('flux'), clone]);
      assert.ok((await readFile(join(clone, 'large.bin'))).equals(content));
    }));

  it('inflates a body that the client compressed', () =>
    withServer(async ({ server, work }) => {
      await runGit(['push', '-q', server.url('flux'), 'main'], { cwd: work });
      const answer = await fetch(`${server.url('flux')}/git-upload-pack`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-git-upload-pack-request',
          'content-encoding': 'gzip',
          'git-protocol': 'version=2',
        },
        body: gzipSync('0014command=ls-refs\n00010000'),
      });
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), /refs\/heads\/main/);
    }));

  it('asks for credentials where it has some', () =>
    withServer(
      async ({ server, work }) => {
        await assert.rejects(runGit(['push', '-q', server.url('flux'), 'main'], { cwd: work }), GitFailure);
        const withPassword = server.url('flux').replace('http://', 'http://ada:secret@');
        await runGit(['push', '-q', withPassword, 'main'], { cwd: work });
        const wrong = server.url('flux').replace('http://', 'http://ada:wrong@');
        await assert.rejects(runGit(['ls-remote', wrong]), GitFailure);
      },
      { credentials: { user: 'ada', password: 'secret' } },
    ));

  it("a protected branch refuses the push, with the hook's words", () =>
    withServer(async ({ server, root, work }) => {
      await protectBranch(join(root, 'flux.git'), 'main');
      await assert.rejects(
        runGit(['push', '-q', server.url('flux'), 'main'], { cwd: work }),
        /GH006: Protected branch update failed/,
      );
      await runGit(['push', '-q', server.url('flux'), 'main:refs/heads/change'], { cwd: work });
    }));

  it('refuses a push from a stale tip', () =>
    withServer(async ({ server, work }) => {
      const first = await commit(work, 'b.txt', 'b\n');
      await runGit(['push', '-q', server.url('flux'), 'main'], { cwd: work });
      await runGit(['reset', '-q', '--hard', `${first}~1`], { cwd: work });
      await commit(work, 'c.txt', 'c\n');
      await assert.rejects(
        runGit(['push', '-q', server.url('flux'), 'main'], { cwd: work }),
        /non-fast-forward|fetch first/,
      );
    }));

  it('answers 404 for a repository that is not there, and leaves its folder for nobody', () =>
    withServer(async ({ server }) => {
      const refs = 'info/refs?service=git-upload-pack';
      assert.equal((await fetch(`${server.url('none')}/${refs}`)).status, 404);
      assert.equal((await fetch(`${server.baseUrl}/%2e%2e/work/.git/${refs}`)).status, 404);
    }));

  it("the user's configuration has no influence", () =>
    withTemporaryFolder(async (folder) => {
      await writeFile(join(folder, '.gitconfig'), '[core]\n  hooksPath = /nowhere\n[user]\n  name = Somebody\n');
      const listed = await runGit(['config', '--list'], { cwd: folder, env: { HOME: folder } });
      assert.doesNotMatch(listed, /Somebody|nowhere/);
    }));

  it('says that git is missing', async () => {
    await assert.rejects(
      runGit(['--version'], { env: { PATH: '/nowhere' } }),
      (error) => error instanceof ProblemError && error.problem.code === 'git-missing',
    );
  });
});
