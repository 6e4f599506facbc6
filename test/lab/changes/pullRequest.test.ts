// A followed branch that takes no push: the plan on a branch of its own, and one pull request for it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { applyPull, type PullPen, type PullRequest, pullBranch } from '../../../src/changes/applyPull';
import { planRollback } from '../../../src/changes/planRollback';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { runGit } from '../../../src/lab/git/labGit';
import { protectBranch } from '../git/serverHooks';
import { never, shareRollbackWorld } from './rollbackWorld';

describe('a rollback by pull request', function () {
  this.timeout(60_000);
  const world = shareRollbackWorld();

  /** A forge that keeps one request for each branch, as GitHub does. */
  function forgeOf(opened: Map<string, PullRequest & { readonly title: string; readonly body: string }>): PullPen {
    return {
      openPull: ({ head, title, body }) => {
        const pull = opened.get(head) ?? { number: opened.size + 1, url: 'http://forge/1', state: 'open', title, body };
        opened.set(head, pull);
        return Promise.resolve(pull);
      },
    };
  }

  it('pushes the commit beside the protected branch, once, with the reason and the trailers in its text', async () => {
    await protectBranch(world.bare, 'main');
    const tip = await world.remoteTip();
    const made = await world.plan();
    const opened = new Map<string, PullRequest & { readonly title: string; readonly body: string }>();
    const first = await applyPull(made, world.pen(), forgeOf(opened), never);
    // The same command again: whatever was cut off before, there is one branch and one request.
    const again = await applyPull(made, world.pen(), forgeOf(opened), never);
    assert.deepEqual([first.number, again.number, opened.size], [1, 1, 1]);
    const [[head, pull] = []] = [...opened];
    assert.equal(head, pullBranch(made));
    assert.match(head, /^flux-promote\/backend-production-[\w.-]+-[0-9a-f]{7}$/);
    assert.equal(pull?.title, made.message.split('\n')[0]);
    assert.match(pull?.body ?? '', /^It is slow\.\n\n[^]*Flux-Promote-Service: backend/);
    const [parent, ...files] = (
      await runGit(['log', '-1', '--format=%P', '--name-only', `refs/heads/${head}`], { cwd: world.bare })
    )
      .trim()
      .split(/\n+/);
    assert.deepEqual([parent, files], [tip, made.changes.map(({ file }) => file)]);
    assert.equal(await world.remoteTip(), tip);
  });

  it('offers no way that takes two commits where one request must do', async () => {
    const facts = await world.readFacts();
    world.target = undefined;
    await world.plan();
    const intent = {
      service: 'backend',
      environment: 'production',
      tag: world.target ?? '',
      reason: '',
      rule: 'a pull request',
    };
    const ways = planRollback(deriveFleet(facts), facts, intent);
    assert.ok(ways.kind === 'ways');
    const possible = [ways.recommended, ...ways.others]
      .filter((way) => way?.plan.kind === 'commit')
      .map((way) => way?.name);
    assert.deepEqual(possible, ['exclude', 'pin', 'write']);
  });
});
