// One link alone is gone while a rollback is followed: nothing is called a failure or a success meanwhile, it is called held once
// the link is back, and the same command writes nothing more.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { gitReader } from '../../../src/base/git/reader';
import { gitWriter } from '../../../src/base/git/writer';
import { applyOnTip } from '../../../src/changes/apply';
import type { CommitPlan, Refusal } from '../../../src/changes/plan';
import { planRollback } from '../../../src/changes/planRollback';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { deriveOutcome, type Outcome } from '../../../src/fleet/outcome';
import { formatBuildTag, parseBuildTag } from '../../../src/lab/content/buildTag';
import { runGit } from '../../../src/lab/git/labGit';
import { valueOf } from '../../../src/model/reading';
import { run } from '../gitFixture';
import type { ObservedWorld } from '../observedWorld';
import { linkNames, openSeveredWorld, type SeveredWorld } from '../severedWorld';
import { until } from '../until';

const id = { service: 'backend', environment: 'production' };
const { signal } = new AbortController();
const timeoutMs = 120_000;

describe('a rollback and one link that is gone while it is followed', function () {
  this.timeout(300_000);
  let opened: SeveredWorld;
  let world: ObservedWorld;
  let witness: ObservedWorld;

  before(async () => {
    opened = await openSeveredWorld('links');
    ({ world, witness } = opened);
  });
  after(async () => assert.deepEqual(await opened.close(), []));

  const plan = (tag: string): CommitPlan | Refusal => {
    const { facts } = world.observer;
    const ways = planRollback(deriveFleet(facts), facts, { ...id, tag, reason: 'A link' });
    return ways.kind === 'refusal' ? ways : (ways.recommended?.plan ?? assert.fail(JSON.stringify(ways)));
  };

  async function command(tag: string): Promise<CommitPlan> {
    // Refused while the last one is still being applied.
    const made = await until(
      () => {
        const found = plan(tag);
        assert.ok(found.kind === 'commit', JSON.stringify(found));
        return found;
      },
      { timeoutMs, what: `a plan to go back to ${tag}` },
    );
    const reader = gitReader(made.folder, run(made.folder));
    const branch = {
      tip: async (end: AbortSignal) => {
        await reader.fetch('origin', 'main', end);
        return (await reader.commit('refs/remotes/origin/main', end)).hash;
      },
      commitsSince: (base: string, tip: string, end: AbortSignal) => reader.commitsSince(base, tip, end),
    };
    const replan = async (end: AbortSignal): Promise<CommitPlan | Refusal> => {
      await world.observer.refresh(end);
      return plan(tag);
    };
    const applied = await applyOnTip(made, replan, gitWriter(run(made.folder)), branch, signal);
    assert.ok(applied.kind === 'landed', JSON.stringify(applied));
    return applied.plan;
  }

  const rollbacks = async (): Promise<number> => {
    const bare = join(opened.lab.paths.git, 'flux.git');
    const subjects = await runGit(['log', '--format=%s', 'main'], { cwd: bare });
    return subjects.split('\n').filter((subject) => subject.startsWith('Roll back backend in production')).length;
  };

  for (const [number, name] of linkNames.entries()) {
    it(`${name}: no verdict before it is back, and one commit`, async () => {
      const link = opened.links[name];
      await until(() => world.agree(id.service, id.environment), { timeoutMs, what: 'backend' });
      const tag = valueOf(world.placement(id.service, id.environment)?.written)?.tag ?? '';
      const parts = parseBuildTag(tag) ?? assert.fail(tag);
      const newer = formatBuildTag({ ...parts, seconds: parts.seconds + 60 * (number + 1) });
      await opened.pushTag(newer);
      await until(() => world.agree(id.service, id.environment, newer), { timeoutMs, what: `${newer} to run` });
      await world.observer.refresh(signal);
      const since = Date.now();
      const { from } = await command(tag);
      link.sever();
      const outcome = (): Outcome | undefined => {
        const placement = world.placement(id.service, id.environment);
        return placement && deriveOutcome(placement, { tag, from, since, calmMs: 5000 }, Date.now());
      };
      const seen = new Set<string>();
      await world.observer.refresh(signal);
      await until(
        async () => {
          seen.add(outcome()?.state ?? 'missing');
          await witness.observer.refresh(signal);
          return witness.agree(id.service, id.environment, tag);
        },
        { timeoutMs, what: `${tag} to run` },
      );
      await world.observer.refresh(signal);
      seen.add(outcome()?.state ?? 'missing');
      seen.delete('on its way');
      seen.delete('settling');
      assert.deepEqual([...seen], []);
      link.mend();
      await until(
        async () => {
          await world.observer.refresh(signal);
          return outcome()?.state === 'held';
        },
        { timeoutMs, what: 'the rollback to be held' },
      );
      const again = plan(tag);
      assert.ok(again.kind === 'refusal', JSON.stringify(again));
      assert.match(again.reason, /is on .* already/);
      assert.equal(await rollbacks(), number + 1);
    });
  }
});
