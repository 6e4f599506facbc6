// One link alone is gone while a promotion's delivery is followed: nothing is called a failure meanwhile, it is seen to arrive
// once the link is back, and the same command starts nothing more.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import { applyDispatch } from '../../src/changes/applyDispatch';
import { planPromotion } from '../../src/changes/planPromotion';
import { derivePreflight } from '../../src/changes/preflight';
import { followRun } from '../../src/editor/followRun';
import { deriveFleet } from '../../src/fleet/deriveFleet';
import { formatBuildTag, parseBuildTag, swapEnvironment } from '../../src/lab/content/buildTag';
import { valueOf } from '../../src/model/reading';
import type { ObservedWorld } from './observedWorld';
import { linkNames, openSeveredWorld, type SeveredWorld } from './severedWorld';
import { until } from './until';

const { signal } = new AbortController();
const id = { service: 'backend', environment: 'production' };
const deadline = (what: string) => ({ timeoutMs: 120_000, what });

describe('a promotion and one link that is gone after its run', function () {
  this.timeout(300_000);
  let opened: SeveredWorld;
  let world: ObservedWorld;
  let witness: ObservedWorld;

  before(async () => {
    opened = await openSeveredWorld('severed');
    ({ world, witness } = opened);
  });
  after(async () => assert.deepEqual(await opened.close(), []));

  const plan = () => {
    const { facts } = world.observer;
    const fleet = deriveFleet(facts);
    const preflight = derivePreflight(fleet, facts, id, Date.now());
    return preflight && planPromotion(preflight, fleet, { reason: 'A link', inputs: {} });
  };

  /** A newer build than the one that staging runs, taken up by staging. */
  async function build(): Promise<string> {
    const now = valueOf(world.placement(id.service, 'staging')?.running)?.tag ?? '';
    const parts = parseBuildTag(now) ?? assert.fail(now);
    const tag = formatBuildTag({ ...parts, seconds: parts.seconds + 60 });
    await opened.pushTag(tag);
    await until(() => world.agree(id.service, 'staging', tag), deadline(`staging to run ${tag}`));
    return tag;
  }

  for (const [number, name] of linkNames.entries()) {
    it(`${name}: no failure before it is back, and one run`, async () => {
      const link = opened.links[name];
      await until(
        () => world.agree(id.service, 'staging') && world.agree(id.service, id.environment),
        deadline('the lab'),
      );
      const tag = await build();
      await world.observer.refresh(signal);
      // Refused while a Kustomization is at work.
      const made = await until(() => {
        const found = plan();
        assert.ok(found?.kind === 'dispatch' && found.source.tag === tag, JSON.stringify(found));
        return found;
      }, deadline('a plan that may be started'));
      const at = world.observer.sourceOf(made.image);
      const forge = (at && world.forge(at.host)) ?? assert.fail('There is no forge.');
      const run = await applyDispatch(made, forge, signal);
      await followRun({ plan: made, run, world: world.observer, say: () => undefined, clock: systemClock }, signal);
      link.sever();
      const failed = new Set<string>();
      const look = async (): Promise<void> => {
        await world.observer.refresh(signal);
        for (const one of world.placement(id.service, id.environment)?.chain ?? [])
          if (one.link.state === 'failed') failed.add(`${one.name}: ${one.link.reason}`);
      };
      const { target } = made;
      assert.equal(target.tag, swapEnvironment(tag, 'production'));
      await until(
        async () => {
          await look();
          await witness.observer.refresh(signal);
          return witness.agree(id.service, id.environment, target.tag);
        },
        deadline(`${target.tag} to run`),
      );
      await look();
      assert.deepEqual([...failed], []);
      link.mend();
      await until(async () => {
        await world.observer.refresh(signal);
        return world.agree(id.service, id.environment, target.tag);
      }, deadline('it to be seen'));
      await until(() => {
        const again = plan();
        assert.ok(again?.kind === 'refusal', JSON.stringify(again));
        return /exists already/.test(again.reason);
      }, deadline('the refusal of the same command'));
      assert.equal((await world.observer.readRuns(made.image, signal)).length, number + 1);
    });
  }
});
