// A rollback and the automation at the same moment: never a lost write, never a mixed one.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { applyOnTip } from '../../../src/changes/apply';
import { runGit } from '../../../src/lab/git/labGit';
import { never, overlayOf, shareRollbackWorld } from './rollbackWorld';

const stepMs = 20;

describe('a rollback races with', function () {
  this.timeout(600_000);
  const world = shareRollbackWorld();
  const { git, plan, tryPlan, remoteTip, botWrites, startOver } = world;

  it('the automation writing at the same moment, a hundred times over', async () => {
    let lost = 0;
    const first = await remoteTip();
    const made = await plan();
    // Where the two are level: later when the automation came first, earlier when it came second. How long a commit and
    // its push take depends on what else the machine does, from one round to the next.
    let head = 0;
    for (let round = 0; round < 100; round += 1) {
      await startOver(first);
      let bots = 0;
      const bot = async (): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, head));
        // Staging's own builds: the automation races for the branch, not for production's line.
        await botWrites('staging', `staging-v9.0.0-abcdef0-${1_900_000_000 + round}`);
        bots += 1;
      };
      const [applied] = await Promise.all([
        applyOnTip(made, () => tryPlan(), world.pen(), world.branch(), never),
        bot().catch(() => bot()),
      ]);
      assert.equal(applied.kind, 'landed', JSON.stringify(applied));
      const log = await git('log', '--format=%an %s', `${first}..origin/main`);
      const since = (await runGit(['log', '--format=%an', `${first}..main`], { cwd: world.bare })).trim().split('\n');
      assert.deepEqual(since.toSorted(), ['Ada', 'flux-bot'], log);
      const isSecond = since[0] === 'Ada';
      if (isSecond) lost += 1;
      head = Math.max(0, head + (isSecond ? stepMs : -stepMs));
      for (const name of since.keys()) {
        const at = `main~${name}`;
        const files = (await runGit(['show', '--format=%an', '--name-only', at], { cwd: world.bare }))
          .trim()
          .split('\n');
        const own = files[0] === 'Ada' ? made.changes.map(({ file }) => file) : [overlayOf('staging')];
        assert.deepEqual(files.slice(2), own);
      }
      assert.equal(bots, 1);
    }
    // Both orders came up: it was a race.
    assert.ok(lost > 5 && lost < 95, `${lost} of 100 came second`);
  });
});
