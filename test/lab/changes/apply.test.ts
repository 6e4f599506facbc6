// A rollback from facts to a commit on a remote, by the extension's own reading and writing over HTTP.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'mocha';
import { applyCommit, type BranchReader } from '../../../src/changes/apply';
import type { CommitPlan } from '../../../src/changes/plan';
import { runGit } from '../../../src/lab/git/labGit';
import { ProblemError } from '../../../src/model/problem';
import { installHook, protectBranch } from '../git/serverHooks';
import { gitEnvironment, write } from '../gitFixture';
import { never, shareRollbackWorld } from './rollbackWorld';

const secret = 'S3cr3tS3cr3tS3cr3t';

describe('a rollback is applied', function () {
  this.timeout(60_000);
  const world = shareRollbackWorld(`ada:${secret}`);
  const { git, plan, apply, remoteTip } = world;

  beforeEach(async () => {
    // What the user has under way must stay as it is.
    write(world.clone, { 'README.md': 'edited\n', 'staged.txt': 'staged\n', 'untracked.txt': 'untracked\n' });
    await git('add', 'staged.txt');
  });

  const refusal = async (made: CommitPlan): Promise<ProblemError['problem']> => {
    const problem = await apply(made).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(problem instanceof ProblemError, String(problem));
    assert.doesNotMatch(JSON.stringify(problem.problem) + world.log.join('\n'), new RegExp(secret));
    return problem.problem;
  };

  /** Everything of the clone that belongs to the user. */
  const usersState = async (): Promise<readonly string[]> => [
    await git('rev-parse', 'HEAD'),
    await git('symbolic-ref', 'HEAD'),
    await git('ls-files', '-s'),
    await git('status', '--porcelain'),
    readFileSync(join(world.clone, 'README.md'), 'utf8'),
  ];

  it('as one commit on the remote, without touching what the user has open', async () => {
    const before = await usersState();
    const made = await plan();
    const commit = await apply(made);
    assert.equal(await remoteTip(), commit);
    assert.equal(await git('rev-parse', 'origin/main'), commit);
    assert.equal(await git('rev-parse', `${commit}~1`), made.base);
    assert.deepEqual(
      (await git('diff', '--name-only', made.base, commit)).split('\n'),
      made.changes.map(({ file }) => file),
    );
    const [change] = made.changes;
    assert.equal(await runGit(['show', `${commit}:${change?.file ?? ''}`], { cwd: world.clone }), change?.after);
    const message = await git('log', '-1', '--format=%an%n%B', commit);
    assert.match(message, /^Ada\nRoll back backend in production to production-/);
    assert.match(message, /It is slow\./);
    assert.match(message, new RegExp(`Flux-Promote-Undoes: ${made.undoes?.hash ?? 'none'}`));
    assert.deepEqual(await usersState(), before);
    assert.doesNotMatch(world.log.join('\n'), new RegExp(secret));
  });

  it('once: the same plan finds its commit a second time, and nothing more is written', async () => {
    const made = await plan();
    const commit = await apply(made);
    assert.equal(await apply(made), commit);
    const moved = await colleaguePushes();
    assert.equal(await apply(made), commit);
    assert.equal(await remoteTip(), moved);
  });

  it('never on a tip that has moved since the plan was made', async () => {
    const made = await plan();
    const moved = await colleaguePushes();
    const problem = await refusal(made);
    assert.equal(problem.code, 'base-moved');
    assert.match(problem.message, /main has moved since this was planned\. Look at it again/);
    assert.equal(await remoteTip(), moved);
  });

  it('never on a tip that moves between the last look and the push', async () => {
    const made = await plan();
    const moved = await colleaguePushes();
    const early: BranchReader = { ...world.branch(), tip: () => Promise.resolve(made.base) };
    const late = applyCommit(made, world.pen(), early, never);
    await assert.rejects(late, (error) => error instanceof ProblemError && error.problem.code === 'git-push-rejected');
    assert.equal(await remoteTip(), moved);
  });

  const refused: readonly (readonly [string, string, RegExp, RegExp, () => Promise<void>])[] = [
    ['a protected branch', 'git-push-protected', /pull request/, /GH006/, () => protectBranch(world.bare, 'main')],
    [
      'a hook of the server',
      'git-push-hook',
      /hook of the server refused the push to main.*log/,
      /every commit needs a ticket/,
      () => installHook(world.bare, 'pre-receive', 'echo "every commit needs a ticket" >&2; exit 1'),
    ],
    [
      'a pre-push hook of the clone',
      'git-push-hook',
      /pre-push hook of this clone/,
      /not on a Friday/,
      () => installHook(join(world.clone, '.git'), 'pre-push', 'echo "not on a Friday" >&2; exit 1'),
    ],
    [
      'a signature that cannot be made',
      'git-signing-failed',
      /could not be signed \(commit\.gpgsign\).*nothing was written/,
      /failed to sign/,
      async () => {
        write(world.folder, { gpg: '#!/bin/sh\ncat >/dev/null\necho "gpg: no secret key" >&2\nexit 2\n' });
        chmodSync(join(world.folder, 'gpg'), 0o755);
        await git('config', 'gpg.program', join(world.folder, 'gpg'));
        await git('config', 'commit.gpgsign', 'true');
      },
    ],
    [
      'no name to commit by',
      'git-identity-missing',
      /user\.name and user\.email/,
      /auto-detection is disabled|user\.useConfigOnly|identity/i,
      async () => {
        world.environment = {
          ...gitEnvironment,
          GIT_AUTHOR_NAME: undefined,
          GIT_AUTHOR_EMAIL: undefined,
          GIT_COMMITTER_NAME: undefined,
          GIT_COMMITTER_EMAIL: undefined,
        };
        await git('config', '--unset', 'user.name');
        await git('config', '--unset', 'user.email');
        await git('config', 'user.useConfigOnly', 'true');
      },
    ],
  ];
  for (const [what, code, says, cause, prepare] of refused) {
    it(`not at all for ${what}, in a sentence with the next step`, async () => {
      const made = await plan();
      await prepare();
      const before = await usersState();
      const problem = await refusal(made);
      assert.equal(problem.code, code, JSON.stringify(problem));
      assert.match(problem.message, says);
      assert.match(problem.cause ?? '', cause);
      assert.equal(await remoteTip(), made.base);
      assert.equal(await git('rev-parse', 'origin/main'), made.base);
      assert.deepEqual(await usersState(), before);
    });
  }

  async function colleaguePushes(): Promise<string> {
    const other = join(world.folder, 'other');
    await runGit(['clone', '-q', world.url, other]);
    const author = ['-c', 'user.name=Bob', '-c', 'user.email=bob@example.test'];
    await runGit([...author, 'commit', '-q', '--allow-empty', '-m', 'Something else'], { cwd: other });
    await runGit(['push', '-q', 'origin', 'HEAD'], { cwd: other });
    return (await runGit(['rev-parse', 'HEAD'], { cwd: other })).trim();
  }
});
