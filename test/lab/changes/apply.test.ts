// A rollback from facts to a commit on a remote, by the extension's own reading and writing over HTTP.
import assert from 'node:assert/strict';
import { chmodSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { systemClock } from '../../../src/base/clock';
import { gitReader } from '../../../src/base/git/reader';
import { gitRun } from '../../../src/base/git/run';
import { gitWriter } from '../../../src/base/git/writer';
import { type Logger, silentLogger } from '../../../src/base/logger';
import { registryClient } from '../../../src/base/registry/client';
import { applyCommit, type BranchReader } from '../../../src/changes/apply';
import type { CommitPlan, WayName } from '../../../src/changes/plan';
import { planRollback } from '../../../src/changes/planRollback';
import { rollbackTargets } from '../../../src/changes/rollbackTargets';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { runGit } from '../../../src/lab/git/labGit';
import { readManifests } from '../../../src/manifests/repository';
import type { Facts } from '../../../src/model/facts';
import { ProblemError } from '../../../src/model/problem';
import { known } from '../../../src/model/reading';
import { defaultSettings } from '../../../src/model/settings';
import { readRepository } from '../../../src/sources/git';
import { readHistories } from '../../../src/sources/histories';
import { installHook, protectBranch } from '../git/serverHooks';
import { gitEnvironment, removeFolder, temporaryFolder, write } from '../gitFixture';
import { shareLabWorld } from '../labWorld';

const { signal } = new AbortController();
const secret = 'S3cr3tS3cr3tS3cr3t';
const production = { service: 'backend', environment: 'production' };

describe('a rollback is applied', function () {
  this.timeout(60_000);
  const world = shareLabWorld();
  let folder = '';
  let bare = '';
  let clone = '';
  let name = '';
  let log: string[] = [];
  let environment = gitEnvironment;
  // The Git server lives in this process: whoever waits for Git synchronously waits for ever.
  const git = async (...args: readonly string[]): Promise<string> => (await runGit(args, { cwd: clone })).trimEnd();

  beforeEach(async () => {
    folder = temporaryFolder();
    clone = join(folder, 'clone');
    log = [];
    environment = gitEnvironment;
    name = `case-${process.hrtime.bigint()}`;
    bare = join(world().gitRoot, `${name}.git`);
    cpSync(join(world().gitRoot, 'flux.git'), bare, { recursive: true });
    await runGit(['clone', '-q', world().git.url(name), clone]);
    const { host } = new URL(world().git.url(name));
    await git('remote', 'set-url', 'origin', `http://ada:${secret}@${host}/${name}.git`);
    await git('config', 'user.name', 'Ada');
    await git('config', 'user.email', 'ada@example.test');
    // What the user has under way must stay as it is.
    write(clone, { 'README.md': 'edited\n', 'staged.txt': 'staged\n', 'untracked.txt': 'untracked\n' });
    await git('add', 'staged.txt');
  });
  afterEach(() => removeFolder(folder));

  const logger = (): Logger => {
    const keep = (message: string): void => void log.push(message);
    return { ...silentLogger, trace: keep, debug: keep, info: keep, warn: keep, error: keep };
  };
  const runIn = (at: string) => gitRun({ folder: at, environment, logger: logger() });

  const readFacts = async (): Promise<Facts> => {
    const reader = (at: string) => gitReader(at, runIn(at));
    const source = { folder: clone, reader, readManifests, clock: systemClock, logger: logger() };
    let repository = await readRepository(source, [], undefined, signal);
    await readHistories(source, repository, (histories) => (repository = { ...repository, histories }), signal);
    const { host } = new URL(world().registryUrl);
    const client = registryClient({
      fetch,
      clock: systemClock,
      credentials: () => Promise.resolve(undefined),
      isPlainHttp: () => true,
    });
    const image = `${host}/acme/backend`;
    const tags = await client.tags(image, signal);
    return {
      settings: defaultSettings,
      contexts: new Map(),
      repositories: [repository],
      clusters: new Map(),
      registry: new Map([[image, known({ tags, digests: new Map() }, Date.now())]]),
      forges: new Map(),
    };
  };

  const plan = async (way: WayName = 'exclude'): Promise<CommitPlan> => {
    const facts = await readFacts();
    const fleet = deriveFleet(facts);
    const placement = fleet.environments.find((one) => one.name === 'production')?.placements[0];
    assert.equal(placement?.service, 'backend');
    const target = rollbackTargets(fleet, facts, placement).find(({ obstacle }) => obstacle === undefined);
    assert.ok(target !== undefined);
    const ways = planRollback(fleet, facts, { ...production, tag: target.tag, reason: 'It is slow.' });
    assert.ok(ways.kind === 'ways', JSON.stringify(ways));
    const made = [ways.recommended, ...ways.others].find((one) => one?.name === way)?.plan;
    assert.ok(made?.kind === 'commit', JSON.stringify(made));
    return made;
  };

  const branchOf = ({ remote, branch }: CommitPlan): BranchReader => {
    const reader = gitReader(clone, runIn(clone));
    return {
      tip: async (at) => {
        await reader.fetch(remote, branch, at);
        return (await reader.commit(`refs/remotes/${remote}/${branch}`, at)).hash;
      },
      commitsSince: (base, tip, at) => reader.commitsSince(base, tip, at),
    };
  };
  const apply = async (made: CommitPlan): Promise<string> =>
    await applyCommit(made, gitWriter(runIn(clone)), branchOf(made), signal);

  const refusal = async (made: CommitPlan): Promise<ProblemError['problem']> => {
    const problem = await apply(made).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(problem instanceof ProblemError, String(problem));
    assert.doesNotMatch(JSON.stringify(problem.problem) + log.join('\n'), new RegExp(secret));
    return problem.problem;
  };

  const remoteTip = async (): Promise<string> => (await runGit(['rev-parse', 'main'], { cwd: bare })).trim();
  /** Everything of the clone that belongs to the user. */
  const usersState = async (): Promise<readonly string[]> => [
    await git('rev-parse', 'HEAD'),
    await git('symbolic-ref', 'HEAD'),
    await git('ls-files', '-s'),
    await git('status', '--porcelain'),
    readFileSync(join(clone, 'README.md'), 'utf8'),
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
    assert.equal(await runGit(['show', `${commit}:${change?.file ?? ''}`], { cwd: clone }), change?.after);
    const message = await git('log', '-1', '--format=%an%n%B', commit);
    assert.match(message, /^Ada\nRoll back backend in production to production-/);
    assert.match(message, /It is slow\./);
    assert.match(message, new RegExp(`Flux-Promote-Undoes: ${made.undoes?.hash ?? 'none'}`));
    assert.deepEqual(await usersState(), before);
    assert.doesNotMatch(log.join('\n'), new RegExp(secret));
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
    const early: BranchReader = { ...branchOf(made), tip: () => Promise.resolve(made.base) };
    const late = applyCommit(made, gitWriter(runIn(clone)), early, signal);
    await assert.rejects(late, (error) => error instanceof ProblemError && error.problem.code === 'git-push-rejected');
    assert.equal(await remoteTip(), moved);
  });

  const refused: readonly (readonly [string, string, RegExp, RegExp, () => Promise<void>])[] = [
    ['a protected branch', 'git-push-protected', /pull request/, /GH006/, () => protectBranch(bare, 'main')],
    [
      'a hook of the server',
      'git-push-hook',
      /hook of the server refused the push to main.*log/,
      /every commit needs a ticket/,
      () => installHook(bare, 'pre-receive', 'echo "every commit needs a ticket" >&2; exit 1'),
    ],
    [
      'a pre-push hook of the clone',
      'git-push-hook',
      /pre-push hook of this clone/,
      /not on a Friday/,
      () => installHook(join(clone, '.git'), 'pre-push', 'echo "not on a Friday" >&2; exit 1'),
    ],
    [
      'a signature that cannot be made',
      'git-signing-failed',
      /could not be signed \(commit\.gpgsign\).*nothing was written/,
      /failed to sign/,
      async () => {
        write(folder, { gpg: '#!/bin/sh\ncat >/dev/null\necho "gpg: no secret key" >&2\nexit 2\n' });
        chmodSync(join(folder, 'gpg'), 0o755);
        await git('config', 'gpg.program', join(folder, 'gpg'));
        await git('config', 'commit.gpgsign', 'true');
      },
    ],
    [
      'no name to commit by',
      'git-identity-missing',
      /user\.name and user\.email/,
      /auto-detection is disabled|user\.useConfigOnly|identity/i,
      async () => {
        environment = { ...gitEnvironment, GIT_AUTHOR_NAME: undefined, GIT_AUTHOR_EMAIL: undefined };
        environment = { ...environment, GIT_COMMITTER_NAME: undefined, GIT_COMMITTER_EMAIL: undefined };
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
    const other = join(folder, 'other');
    await runGit(['clone', '-q', world().git.url(name), other]);
    const author = ['-c', 'user.name=Bob', '-c', 'user.email=bob@example.test'];
    await runGit([...author, 'commit', '-q', '--allow-empty', '-m', 'Something else'], { cwd: other });
    await runGit(['push', '-q', 'origin', 'HEAD'], { cwd: other });
    return (await runGit(['rev-parse', 'HEAD'], { cwd: other })).trim();
  }
});
