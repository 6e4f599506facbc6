import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { gitReader } from '../../src/base/git/reader';
import { gitWriter } from '../../src/base/git/writer';
import { startGitServer } from '../../src/lab/git/gitServer';
import { ProblemError } from '../../src/model/problem';
import { protectBranch } from './git/serverHooks';
import { commit, git, remoteAndClone, removeFolder, run, temporaryFolder, write } from './gitFixture';

const signal = new AbortController().signal;

async function problemOf(promise: Promise<unknown>): Promise<ProblemError['problem']> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('no problem');
}

describe('git over real repositories', function () {
  // Real programs and sockets, on a machine that may be busy.
  this.timeout(30_000);
  let folder = '';
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => removeFolder(folder));

  it('reads files, history and blame of a reference, not of the work tree', async () => {
    const { clone } = remoteAndClone(folder);
    const first = commit(clone, 'One', {
      'apps/a.yaml': 'tag: 1 # {"$imagepolicy": "x:y"}\n',
      'apps/ü ö.yaml': 'k: 1\n',
    });
    const second = commit(clone, 'Two\n\nBody', { 'apps/a.yaml': 'tag: 2 # {"$imagepolicy": "x:y"}\n', 'b.txt': 'b' });
    write(clone, { 'apps/a.yaml': 'tag: dirty\n' });
    const reader = gitReader(clone, run(clone));
    assert.equal(await reader.topLevel(signal), git(clone, 'rev-parse', '--show-toplevel'));
    assert.deepEqual(await reader.head(signal), { state: 'branch', branch: 'main' });
    assert.equal(await reader.findCommit('HEAD', signal), second);
    assert.equal(await reader.findCommit('nowhere', signal), undefined);
    const paths = (await reader.listFiles(second, signal)).map(({ path }) => path);
    assert.deepEqual(paths, ['README.md', 'apps/a.yaml', 'apps/ü ö.yaml', 'b.txt']);
    assert.deepEqual(await reader.grepFiles(second, ['$imagepolicy', 'k: 1'], signal), [
      'apps/a.yaml',
      'apps/ü ö.yaml',
    ]);
    assert.deepEqual(await reader.grepFiles(second, ['nothing has this'], signal), []);
    const blobs = await reader.readFiles(second, ['apps/a.yaml', 'gone', 'a\nb', 'apps/ü ö.yaml'], 1000, signal);
    assert.deepEqual(
      blobs.map((blob) => blob?.text),
      ['tag: 2 # {"$imagepolicy": "x:y"}\n', undefined, undefined, 'k: 1\n'],
    );
    const { entries: history } = await reader.history(second, { files: { path: 'apps/a.yaml' }, maxCount: 10 }, signal);
    assert.deepEqual(
      history.map((entry) => [
        entry.commit.hash,
        entry.commit.subject,
        entry.files.flatMap((file) => file.hunks.flatMap((hunk) => hunk.added)),
      ]),
      [
        [second, 'Two', ['tag: 2 # {"$imagepolicy": "x:y"}']],
        [first, 'One', ['tag: 1 # {"$imagepolicy": "x:y"}']],
      ],
    );
    assert.equal(history[0]?.commit.message, 'Two\n\nBody');
    assert.deepEqual(history[0]?.commit.parents, [first]);
    assert.deepEqual(await reader.changedFiles(second, signal), ['apps/a.yaml', 'b.txt']);
    assert.equal((await reader.blameLine(second, 'apps/a.yaml', 1, signal))?.hash, second);
    assert.equal(await reader.isAncestor(first, second, signal), true);
    assert.equal(await reader.isAncestor(second, first, signal), false);
    assert.equal(await reader.mergeBase(first, second, signal), first);
    assert.deepEqual(await reader.remoteBranches('origin', signal), ['main']);
    assert.equal(await reader.symbolicRef('refs/remotes/origin/HEAD', signal), 'refs/remotes/origin/main');
    assert.equal(await reader.config('branch.main.merge', signal), 'refs/heads/main');
    assert.equal(await reader.config('no.such', signal), undefined);
  });

  it('keeps what is larger than asked for out of memory and out of the way', async () => {
    const { clone } = remoteAndClone(folder);
    const head = commit(clone, 'Big', { 'a.yaml': 'x'.repeat(10_000_000), 'b.yaml': 'small', 'bad.yaml': '' });
    const blobs = await gitReader(clone, run(clone)).readFiles(head, ['a.yaml', 'b.yaml'], 1_000_000, signal);
    assert.deepEqual(blobs, [
      { size: 10_000_000, text: undefined },
      { size: 5, text: 'small' },
    ]);
  });

  it('fetches the asked branch to its remote-tracking reference and touches nothing else', async () => {
    const { remote, clone } = remoteAndClone(folder);
    const other = join(folder, 'other');
    git(folder, 'clone', '-q', remote, other);
    const moved = commit(other, 'Moved', { 'a.yaml': '1' });
    git(other, 'push', '-q', 'origin', 'main');
    const before = git(clone, 'rev-parse', 'HEAD');
    const reader = gitReader(clone, run(clone));
    await reader.fetch('origin', 'main', signal);
    assert.equal(await reader.findCommit('refs/remotes/origin/main', signal), moved);
    assert.equal(git(clone, 'rev-parse', 'HEAD'), before);
    assert.equal(existsSync(join(clone, '.git', 'FETCH_HEAD')), false);
  });

  it('says what is wrong', async () => {
    const { clone, remote } = remoteAndClone(folder);
    assert.equal(
      (await problemOf(gitReader(clone, run(clone, { path: '/nowhere/git' })).head(signal))).code,
      'git-missing',
    );
    assert.equal((await problemOf(gitReader(folder, run(folder)).head(signal))).code, 'git-not-a-repository');
    const gone = join(folder, 'gone');
    assert.equal((await problemOf(gitReader(gone, run(gone)).head(signal))).code, 'git-not-a-repository');
    assert.equal((await problemOf(gitReader(clone, run(clone)).commit('nowhere', signal))).code, 'git-ref-missing');
    git(clone, 'checkout', '-q', '--detach');
    assert.deepEqual(await gitReader(clone, run(clone)).head(signal), { state: 'detached' });
    const unborn = join(folder, 'unborn');
    git(folder, 'init', '-q', '-b', 'trunk', unborn);
    assert.deepEqual(await gitReader(unborn, run(unborn)).head(signal), { state: 'unborn', branch: 'trunk' });
    assert.deepEqual(await gitReader(unborn, run(unborn)).remotes(signal), []);
    const shallow = join(folder, 'shallow');
    commit(clone, 'More', {});
    git(folder, 'clone', '-q', '--depth', '1', `file://${remote}`, shallow);
    assert.equal(await gitReader(shallow, run(shallow)).isShallow(signal), true);
    assert.equal(await gitReader(clone, run(clone)).isShallow(signal), false);
    rmSync(remote, { recursive: true });
    const lost = await problemOf(gitReader(clone, run(clone)).fetch('origin', 'main', signal));
    assert.equal(lost.code, 'git-failed');
    assert.match(lost.message, /origin/);
  });

  it('names refused credentials, asks nobody, and keeps them out of its words', async () => {
    const { clone } = remoteAndClone(folder);
    const server = createServer((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      git(clone, 'remote', 'set-url', 'origin', `http://bob:hunter2@127.0.0.1:${address.port}/x.git`);
      const problem = await problemOf(gitReader(clone, run(clone)).fetch('origin', 'main', signal));
      assert.equal(problem.code, 'git-auth');
      assert.doesNotMatch(JSON.stringify(problem), /hunter2/);
    } finally {
      server.close();
    }
  });

  it('passes cancellation through untouched and ends what takes too long or says too much', async () => {
    const { clone } = remoteAndClone(folder);
    const cancelled = new AbortController();
    cancelled.abort(new Error('cancelled by the user'));
    await assert.rejects(gitReader(clone, run(clone)).head(cancelled.signal), /cancelled by the user/);
    const head = commit(clone, 'Big', { 'a.yaml': 'x'.repeat(3_000_000) });
    const big = {
      subcommand: 'cat-file',
      options: ['--batch'],
      input: `${head}:a.yaml\n`,
      maxBytes: 1_000_000,
    } as const;
    assert.equal((await problemOf(run(clone)(big, signal))).code, 'too-large');
    // Without input, cat-file waits for ever.
    const stuck = { subcommand: 'cat-file', options: ['--batch'], timeoutMs: 100 } as const;
    assert.equal((await problemOf(run(clone)(stuck, signal))).code, 'timed-out');
  });

  it('never runs what the repository configures, and passes the environment of the user on', async () => {
    const { clone } = remoteAndClone(folder);
    const witness = join(folder, 'witness');
    git(clone, 'config', 'core.fsmonitor', `touch ${witness}; false`);
    git(clone, 'config', 'diff.external', `touch ${witness}`);
    const hook = join(clone, '.git', 'hooks', 'reference-transaction');
    write(clone, { '.git/hooks/reference-transaction': `#!/bin/sh\ntouch ${witness}\n` });
    chmodSync(hook, 0o755);
    const reader = gitReader(clone, run(clone));
    await reader.history('HEAD', { files: { path: 'README.md' }, maxCount: 5 }, signal);
    await reader.fetch('origin', 'main', signal);
    assert.equal(existsSync(witness), false);
    const ssh = join(folder, 'ssh');
    write(folder, { ssh: `#!/bin/sh\ntouch ${witness}\nexit 1\n` });
    chmodSync(ssh, 0o755);
    git(clone, 'remote', 'add', 'far', 'git@example.test:x/y.git');
    const environment = { ...process.env, GIT_SSH_COMMAND: ssh, GIT_DIR: join(folder, 'elsewhere') };
    await problemOf(gitReader(clone, run(clone, { environment })).fetch('far', 'main', signal));
    assert.equal(existsSync(witness), true);
  });

  it('commits by plumbing: one file changed, mode kept, index and work tree untouched', async () => {
    const { clone, remote } = remoteAndClone(folder);
    write(clone, { 'run.yaml': 'tag: 1\r\n' });
    chmodSync(join(clone, 'run.yaml'), 0o755);
    const parent = commit(clone, 'One', { 'other.yaml': 'x\n' });
    git(clone, 'push', '-q');
    write(clone, { 'run.yaml': 'tag: mine\n' });
    git(clone, 'add', 'run.yaml');
    const status = git(clone, 'status', '--porcelain');
    const writer = gitWriter(run(clone));
    const files = new Map([['run.yaml', 'tag: 2\r\n']]);
    const hash = await writer.commitFiles({ parent, message: 'Exclude\n\nbecause\n', files }, signal);
    assert.equal(git(clone, 'show', '--format=%an %s|%P', '--name-only', hash), `Ada Exclude|${parent}\n\nrun.yaml`);
    assert.equal(git(clone, 'ls-tree', hash, 'run.yaml').slice(0, 6), '100755');
    assert.equal(git(clone, 'cat-file', '-s', `${hash}:run.yaml`), '8');
    assert.equal(git(clone, 'status', '--porcelain'), status);
    assert.equal(git(clone, 'rev-parse', 'HEAD'), parent);
    assert.equal(readFileSync(join(clone, 'run.yaml'), 'utf8'), 'tag: mine\n');
    await writer.push({ remote: 'origin', commit: hash, branch: 'main' }, signal);
    assert.equal(git(remote, 'rev-parse', 'main'), hash);
    await writer.updateRemoteRef({ remote: 'origin', commit: hash, branch: 'main', previous: parent }, signal);
    assert.equal(git(clone, 'rev-parse', 'origin/main'), hash);
    const missing = writer.commitFiles({ parent, message: 'x', files: new Map([['new.yaml', '']]) }, signal);
    assert.equal((await problemOf(missing)).code, 'git-ref-missing');
  });

  for (const format of ['sha1', 'sha256'] as const) {
    it(`changes nothing beside the files of a commit, in a repository of ${format}`, async () => {
      const clone = join(folder, format);
      git(folder, 'init', '-q', '-b', 'main', `--object-format=${format}`, clone);
      write(clone, { 'apps/run.sh': 'x\n', 'apps/ä b/"q".yaml': 'x\n' });
      chmodSync(join(clone, 'apps/run.sh'), 0o755);
      symlinkSync('run.sh', join(clone, 'apps/link'));
      // Git sorts a folder as if its name ended with a slash: these three show whether the order is kept.
      const parent = commit(clone, 'One', { 'apps/a.yaml': '1\n', 'apps/a/b/c.yaml': '1\n', 'apps/a0.yaml': '1\n' });
      const files = new Map(['apps/a/b/c.yaml', 'apps/a0.yaml', 'apps/ä b/"q".yaml'].map((file) => [file, '2\n']));
      const hash = await gitWriter(run(clone)).commitFiles({ parent, message: 'Two', files }, signal);
      const changed = git(clone, '-c', 'core.quotePath=false', 'diff', '--name-status', '-z', parent, hash);
      assert.deepEqual(
        changed.split('\0').filter((part) => part !== ''),
        [...files.keys()].toSorted().flatMap((file) => ['M', file]),
      );
      git(clone, 'fsck', '--strict', hash);
    });
  }

  it('signs where the configuration says so', async () => {
    const { clone } = remoteAndClone(folder);
    const gpg = join(folder, 'gpg');
    write(folder, { gpg: '#!/bin/sh\ncat >/dev/null\necho "[GNUPG:] SIG_CREATED D" >&2\necho SIGNED\n' });
    chmodSync(gpg, 0o755);
    git(clone, 'config', 'gpg.program', gpg);
    git(clone, 'config', 'commit.gpgsign', 'yes');
    const parent = git(clone, 'rev-parse', 'HEAD');
    const draft = { parent, message: 'm', files: new Map([['README.md', 'x']]) };
    const hash = await gitWriter(run(clone)).commitFiles(draft, signal);
    assert.match(git(clone, 'cat-file', 'commit', hash), /^gpgsig SIGNED/m);
  });

  it('says the same over HTTP: pushed, protected, moved, refused credentials', async () => {
    const { remote, clone } = remoteAndClone(folder);
    git(remote, 'config', 'http.receivepack', 'true');
    const credentials = { user: 'ada', password: 'S3cr3tPassw0rd' };
    const server = await startGitServer({ root: folder, port: 0, credentials });
    try {
      const writer = gitWriter(run(clone));
      const address = (login: string): string => server.url('remote').replace('://', `://${login}@`);
      const build = async (parent: string, text: string): Promise<string> =>
        await writer.commitFiles({ parent, message: 'm', files: new Map([['README.md', text]]) }, signal);
      const push = (hash: string): Promise<void> =>
        writer.push({ remote: 'origin', commit: hash, branch: 'main' }, signal);
      const parent = git(clone, 'rev-parse', 'HEAD');
      git(clone, 'remote', 'set-url', 'origin', address('ada:S3cr3tPassw0rd'));
      const first = await build(parent, 'one');
      await push(first);
      assert.equal(git(remote, 'rev-parse', 'main'), first);
      assert.equal((await problemOf(push(await build(parent, 'two')))).code, 'git-push-rejected');
      await protectBranch(remote, 'main');
      const refused = await problemOf(push(await build(first, 'three')));
      assert.equal(refused.code, 'git-push-protected');
      git(clone, 'remote', 'set-url', 'origin', address('ada:S3cr3tWr0ng'));
      const stranger = await problemOf(push(first));
      assert.equal(stranger.code, 'git-auth');
      assert.doesNotMatch(JSON.stringify([refused, stranger]), /S3cr3t/);
      assert.equal(git(remote, 'rev-parse', 'main'), first);
    } finally {
      await server.stop();
    }
  });

  describe('a push that is refused', () => {
    const refused: readonly (readonly [string, string, (remote: string, clone: string) => void])[] = [
      [
        'moved tip',
        'git-push-rejected',
        (remote) => {
          const other = join(remote, '..', 'other');
          git(remote, 'clone', '-q', remote, other);
          commit(other, 'Moved', { 'm.yaml': '1' });
          git(other, 'push', '-q', 'origin', 'main');
        },
      ],
      ['server hook', 'git-push-hook', (remote) => hookOf(remote, 'pre-receive', 'echo no; exit 1')],
      [
        'protected branch, as GitHub says it',
        'git-push-protected',
        (remote) => hookOf(remote, 'pre-receive', 'echo "error: GH006: Protected branch update failed." >&2; exit 1'),
      ],
      [
        'local hook',
        'git-push-hook',
        (_remote, clone) => hookOf(join(clone, '.git'), 'pre-push', 'echo no >&2; exit 1'),
      ],
      ['remote gone', 'git-failed', (remote) => rmSync(remote, { recursive: true })],
    ];
    for (const [name, code, prepare] of refused) {
      it(name, async () => {
        const { remote, clone } = remoteAndClone(folder);
        const parent = git(clone, 'rev-parse', 'HEAD');
        prepare(remote, clone);
        const writer = gitWriter(run(clone));
        const hash = await writer.commitFiles({ parent, message: 'm', files: new Map([['README.md', 'x']]) }, signal);
        const problem = await problemOf(writer.push({ remote: 'origin', commit: hash, branch: 'main' }, signal));
        assert.equal(problem.code, code, problem.cause);
        assert.equal(git(clone, 'rev-parse', 'origin/main'), parent);
      });
    }
  });
});

function hookOf(gitFolder: string, name: string, script: string): void {
  write(gitFolder, { [`hooks/${name}`]: `#!/bin/sh\ncat >/dev/null\n${script}\n` });
  chmodSync(join(gitFolder, 'hooks', name), 0o755);
}
