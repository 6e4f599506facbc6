// Everything falls silent between a promotion's run and its rollout: cluster, Git, registry and forge. Whoever watches sees it go
// on afterwards, whoever opens the editor anew finds it again, and the same command starts nothing.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import { applyDispatch } from '../../src/changes/applyDispatch';
import { planPromotion } from '../../src/changes/planPromotion';
import { derivePreflight } from '../../src/changes/preflight';
import { followRun } from '../../src/editor/followRun';
import { deriveFleet } from '../../src/fleet/deriveFleet';
import { realConstants } from '../../src/lab/controllers/constants';
import { contextName, createLab, type RunningLab, startLab } from '../../src/lab/lab';
import { type ObservedWorld, observeWorld } from './observedWorld';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporaryFolder';
import { until } from './until';

const { signal } = new AbortController();
const id = { service: 'backend', environment: 'production' };
const deadline = (what: string) => ({ timeoutMs: 120_000, what });

describe('a promotion and a network that is gone after its run', function () {
  this.timeout(240_000);
  const bugs: unknown[] = [];
  let folder: string;
  let lab: RunningLab;
  const worlds: ObservedWorld[] = [];

  const start = async (): Promise<void> => {
    lab = await startLab(folder, {
      constants: realConstants,
      onBug: (error) => bugs.push(error),
      forge: { stepMs: 50 },
    });
  };
  const open = (): ObservedWorld => {
    const world = observeWorld({
      workspace: lab.paths.workspace,
      kubeconfig: lab.paths.kubeconfig,
      context: contextName,
      forge: { api: lab.urls.forge, token: lab.state.tokens.forge },
    });
    worlds.push(world);
    return world;
  };
  const planIn = ({ observer: { facts } }: ObservedWorld) => {
    const fleet = deriveFleet(facts);
    const preflight = derivePreflight(fleet, facts, id, Date.now());
    return preflight && planPromotion(preflight, fleet, { reason: 'A cut', inputs: {} });
  };

  before(async () => {
    folder = await makeTemporaryFolder();
    await createLab(folder, { seed: 'cut' });
    await start();
  });
  after(async () => {
    for (const world of worlds) world.dispose();
    await lab.stop();
    await removeTemporaryFolder(folder);
    assert.deepEqual([...bugs, ...worlds.flatMap((world) => world.bugs)], []);
  });

  it('goes on where it was, for who stayed and for who comes back, and is started once', async () => {
    const { observer, ...world } = open();
    await until(
      () => world.agree(id.service, 'staging') && world.agree(id.service, id.environment),
      deadline('the lab'),
    );
    await observer.refresh(signal);
    // Refused while a Kustomization is at work.
    const plan = await until(() => {
      const found = planIn({ observer, ...world });
      assert.ok(found?.kind === 'dispatch', JSON.stringify(found));
      return found;
    }, deadline('a plan that may be started'));
    const at = observer.sourceOf(plan.image);
    const forge = at && world.forge(at.host);
    assert.ok(forge !== undefined);
    const run = await applyDispatch(plan, forge, signal);
    await followRun({ plan, run, world: observer, say: () => undefined, clock: systemClock }, signal);

    await lab.stop();
    await observer.refresh(signal);
    const silent = world.placement(id.service, id.environment);
    assert.ok(
      silent?.chain.every(({ link }) => link.state !== 'failed'),
      JSON.stringify(silent?.chain),
    );
    await start();

    const anew = open();
    await until(
      () => anew.agree(id.service, id.environment, plan.target.tag),
      deadline('who comes back to see it arrive'),
    );
    await observer.refresh(signal);
    await until(
      () => world.agree(id.service, id.environment, plan.target.tag),
      deadline('who stayed to see it arrive'),
    );
    await anew.observer.refresh(signal);
    await until(() => {
      const again = planIn(anew);
      assert.ok(again?.kind === 'refusal', JSON.stringify(again));
      return /exists already/.test(again.reason);
    }, deadline('the refusal of the same command'));
    assert.equal((await anew.observer.readRuns(plan.image, signal)).length, 1);
  });
});
