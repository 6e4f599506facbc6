// What can go wrong while a rollback is written, by doing it: never a second commit, never somebody else's work lost.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { type Applied, applyOnTip } from '../../../src/changes/apply';
import type { WayName } from '../../../src/changes/plan';
import { trailersOf } from '../../../src/fleet/trailers';
import { runGit } from '../../../src/lab/git/labGit';
import { ProblemError } from '../../../src/model/problem';
import { installHook } from '../git/serverHooks';
import { gitEnvironment, write } from '../gitFixture';
import { startCuttingProxy } from './cuttingProxy';
import { never, shareRollbackWorld } from './rollbackWorld';

const rollback = /^Roll back backend in production/;

describe('a rollback is written in spite of', function () {
  this.timeout(300_000);
  const world = shareRollbackWorld();
  const { git, plan, tryPlan, apply, remoteTip, botWrites, startOver, colleagueEdits } = world;

  /** The command as the user gives it: planned from what is there now, written on the tip. */
  const command = async (way: WayName = 'exclude'): Promise<Applied> => {
    const made = await tryPlan(way);
    if (made.kind === 'refusal') return made;
    return await applyOnTip(made, () => tryPlan(way), world.pen(), world.branch(), never);
  };
  const attempt = async (way?: WayName): Promise<Applied | ProblemError> => {
    try {
      return await command(way);
    } catch (error) {
      if (error instanceof ProblemError) return error;
      throw error;
    }
  };
  const rollbacks = async (): Promise<number> => (await world.subjects(50)).filter((one) => rollback.test(one)).length;

  it('a newer tag in its own line meanwhile: what was agreed to is not what would be done, so it is asked about', async () => {
    const made = await plan('drill');
    await botWrites('production', 'production-v9.9.9-abcdef0-1999999999');
    const applied = await applyOnTip(made, () => tryPlan('drill'), world.pen(), world.branch(), never);
    assert.notEqual(applied.kind, 'landed');
    assert.equal(await rollbacks(), 0);
  });

  it('a policy that somebody edits meanwhile', async () => {
    const made = await plan('pin');
    const [change] = made.changes;
    assert.ok(change !== undefined);
    await colleagueEdits(change.file, (text) => text.replace('^production', '^(?:production)'));
    const edited = await applyOnTip(made, () => tryPlan('pin'), world.pen(), world.branch(), never);
    assert.equal(edited.kind, 'changed');
    assert.ok(edited.kind === 'changed' && edited.plan.changes[0]?.before.includes('(?:production)'));
    assert.equal(await rollbacks(), 0);
    assert.equal((await command('pin')).kind, 'landed');
  });

  it('a push that is rejected ten times: it gives up, and says that the branch is the reason', async () => {
    await installHook(world.bare, 'update', 'echo "fetch first" >&2; exit 1');
    let pushes = 0;
    const made = await plan();
    const pen = world.pen();
    const rejecting = {
      ...pen,
      push: async (...[target]: Parameters<typeof pen.push>) => {
        pushes += 1;
        await colleagueEdits('README.md', () => `${pushes}\n`);
        await pen.push(target, never);
      },
    };
    await installHook(world.bare, 'update', 'exit 0');
    const failed = applyOnTip(made, () => tryPlan(), rejecting, world.branch(), never);
    await assert.rejects(
      failed,
      (error) => error instanceof ProblemError && error.problem.code === 'git-push-rejected',
    );
    assert.equal(pushes, 10);
    assert.equal(await rollbacks(), 0);
  });

  it('a network that goes at any step: the same command again makes no second commit', async () => {
    const proxy = await startCuttingProxy(world.url);
    try {
      await git('remote', 'set-url', 'origin', world.url.replace(new URL(world.url).host, proxy.host));
      const first = await remoteTip();
      proxy.cut(undefined);
      assert.equal((await command()).kind, 'landed');
      const steps = proxy.count();
      assert.ok(steps >= 4, String(steps));
      for (let at = 1; at <= steps; at += 1) {
        for (const when of ['before', 'after'] as const) {
          await startOver(first);
          proxy.cut({ at, when });
          await attempt();
          proxy.cut(undefined);
          const again = await attempt();
          assert.ok(!(again instanceof ProblemError), `${when} request ${at}: ${JSON.stringify(again)}`);
          assert.equal(await rollbacks(), 1, `${when} request ${at}`);
        }
      }
    } finally {
      await proxy.stop();
    }
  });

  it('an editor that is killed at any step: nothing is half written, and the same command completes it', async () => {
    const count = join(world.folder, 'count');
    const script = join(world.folder, 'mortal-git');
    write(world.folder, {
      'mortal-git': `#!/bin/sh
n=$(($(cat "$FLUX_COUNT") + 1))
echo $n >"$FLUX_COUNT"
if [ $n -gt $FLUX_LAST ]; then exit 137; fi
if [ $n -eq $FLUX_LAST ]; then git "$@" >/dev/null; exit 137; fi
exec git "$@"
`,
    });
    chmodSync(script, 0o755);
    const first = await remoteTip();
    const living = world.environment;
    for (let last = 0; ; last += 1) {
      await startOver(first);
      const made = await plan('drill');
      write(world.folder, { count: '0' });
      world.environment = { ...living, FLUX_COUNT: count, FLUX_LAST: String(last) };
      world.program = script;
      const ended = await apply(made).then(
        () => 'whole' as const,
        () => 'killed' as const,
      );
      world.program = undefined;
      world.environment = living;
      const files = await git('ls-files', '-s');
      if (ended === 'killed') await attempt('drill');
      assert.equal(await rollbacks(), 1, `killed after ${last} steps`);
      assert.equal(await git('ls-files', '-s'), files);
      const [head] = await world.subjects(1);
      assert.match(head ?? '', rollback);
      if (ended === 'whole') break;
      assert.ok(last < 40, 'It never ends.');
    }
  });

  for (const format of ['ssh', 'openpgp'] as const) {
    it(`a commit that must be signed, by ${format === 'ssh' ? 'SSH' : 'GPG'}, with a key and without one`, async () => {
      const key = join(world.folder, 'key');
      const home = join(world.folder, 'gnupg');
      world.environment = { ...gitEnvironment, GNUPGHOME: home };
      await git('config', 'commit.gpgsign', 'true');
      await git('config', 'gpg.format', format);
      await git('config', 'user.signingkey', format === 'ssh' ? `${key}.pub` : 'ada@example.test');
      const failed = await attempt();
      assert.ok(failed instanceof ProblemError);
      assert.equal(failed.problem.code, 'git-signing-failed');
      assert.match(failed.problem.message, /nothing was written\. Unlock the signing key/);
      assert.equal(await rollbacks(), 0);
      if (format === 'ssh') execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
      else {
        write(world.folder, { 'gnupg/gpg.conf': '' });
        chmodSync(home, 0o700);
        const options = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', ''];
        const env = { ...process.env, GNUPGHOME: home };
        execFileSync('gpg', [...options, '--quick-gen-key', 'ada@example.test', 'ed25519'], { env, stdio: 'ignore' });
      }
      const applied = await command();
      assert.ok(applied.kind === 'landed');
      const signature = format === 'ssh' ? /BEGIN SSH SIGNATURE/ : /BEGIN PGP SIGNATURE/;
      assert.match(await git('cat-file', 'commit', applied.commit), signature);
    });
  }

  it('a clock that is wrong: the newest commit is the one on the tip, whatever it says', async () => {
    world.environment = {
      ...gitEnvironment,
      GIT_COMMITTER_DATE: '1999-01-01T00:00:00Z',
      GIT_AUTHOR_DATE: '1999-01-01T00:00:00Z',
    };
    const applied = await command('drill');
    assert.ok(applied.kind === 'landed');
    world.environment = gitEnvironment;
    const facts = await world.readFacts();
    const [history] = [...(facts.repositories[0]?.histories ?? [])].filter(
      ([key]) => key.includes('backend') && key.includes('production'),
    );
    assert.ok(history?.[1].state === 'known');
    const [newest] = history[1].value;
    assert.equal(newest?.commit.hash, applied.commit);
    assert.deepEqual(trailersOf(newest.commit).get('Flux-Promote-To'), [newest.to]);
  });

  it('a server that takes no push from this user', async () => {
    await runGit(['config', 'http.receivepack', 'false'], { cwd: world.bare });
    const failed = await attempt();
    assert.ok(failed instanceof ProblemError);
    assert.equal(failed.problem.code, 'git-auth', JSON.stringify(failed.problem));
    assert.equal(await rollbacks(), 0);
  });
});
