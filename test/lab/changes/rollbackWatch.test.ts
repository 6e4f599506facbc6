// What can happen after a rollback was written, in the whole lab: a newer tag that wins, and a user who may only look.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { systemClock } from '../../../src/base/clock';
import { gitReader } from '../../../src/base/git/reader';
import { gitWriter } from '../../../src/base/git/writer';
import { loadKubeconfig } from '../../../src/base/kubernetes/kubeconfig';
import { silentLogger } from '../../../src/base/logger';
import { applyOnTip } from '../../../src/changes/apply';
import { applyReconcile, applyRolloutUndo } from '../../../src/changes/applyCluster';
import type { CommitPlan, WayName } from '../../../src/changes/plan';
import { planRollback, type RollbackIntent } from '../../../src/changes/planRollback';
import { ClusterAccess } from '../../../src/editor/clusterAccess';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { deriveOutcome, type Expectation, type Outcome } from '../../../src/fleet/outcome';
import { realConstants } from '../../../src/lab/controllers/constants';
import { contextName, createLab, type RunningLab, startLab } from '../../../src/lab/lab';
import { pushImage } from '../../../src/lab/registry/pushImage';
import { ProblemError } from '../../../src/model/problem';
import { valueOf } from '../../../src/model/reading';
import { run } from '../gitFixture';
import { type ObservedWorld, observeWorld } from '../observedWorld';
import { makeTemporaryFolder, removeTemporaryFolder } from '../temporaryFolder';
import { until } from '../until';

const environment = 'production';
const never = (): AbortSignal => new AbortController().signal;
const timeoutMs = 120_000;

describe('a rollback that is watched', function () {
  this.timeout(400_000);
  let folder = '';
  let lab: RunningLab;
  let world: ObservedWorld;
  const bugs: unknown[] = [];
  /** Flux's requests, not ours: as where its credentials have expired. */
  let isScanRefused = false;
  const ours = 'Basic dXM6';

  before(async () => {
    folder = await makeTemporaryFolder();
    await createLab(folder, { seed: 'test' });
    lab = await startLab(folder, {
      constants: { ...realConstants, healthPollMs: 200 },
      onBug: (error) => bugs.push(error),
      registryFault: ({ path, authorization }) =>
        isScanRefused && authorization !== ours && path.includes('/tags/list') ? { status: 503 } : undefined,
    });
    const api = `http://127.0.0.1:${lab.state.ports.forge}`;
    const { workspace, kubeconfig } = lab.paths;
    world = observeWorld({
      workspace,
      kubeconfig,
      context: contextName,
      forge: { api, token: lab.state.tokens.forge },
      fetch: (url, init) => {
        const headers = new Headers(init.headers);
        if (url.includes('/v2/')) headers.set('authorization', ours);
        return fetch(url, { ...init, headers });
      },
    });
    const isReady = (): boolean =>
      world.agree('backend', environment) && world.placement('backend', environment)?.history.state === 'known';
    await until(isReady, { timeoutMs, what: 'backend and its history' });
  });
  after(async () => {
    world.dispose();
    await lab.stop();
    await removeTemporaryFolder(folder);
    assert.deepEqual(bugs, []);
  });

  function plan(intent: RollbackIntent, way: WayName): CommitPlan {
    const { facts } = world.observer;
    const ways = planRollback(deriveFleet(facts), facts, intent);
    assert.ok(ways.kind === 'ways', JSON.stringify(ways));
    const found = [ways.recommended, ...ways.others].find((one) => one?.name === way)?.plan;
    assert.ok(found?.kind === 'commit', JSON.stringify(found));
    return found;
  }

  /** When it was written. */
  async function write(intent: RollbackIntent, way: WayName, made = plan(intent, way)): Promise<number> {
    const { workspace } = lab.paths;
    const reader = gitReader(workspace, run(workspace));
    const branch = {
      tip: async (signal: AbortSignal) => {
        await reader.fetch('origin', 'main', signal);
        return (await reader.commit('refs/remotes/origin/main', signal)).hash;
      },
      commitsSince: (base: string, tip: string, signal: AbortSignal) => reader.commitsSince(base, tip, signal),
    };
    const replan = async () => {
      await world.observer.refresh(never());
      return plan(intent, way);
    };
    const since = Date.now();
    const applied = await applyOnTip(made, replan, gitWriter(run(workspace)), branch, never());
    assert.equal(applied.kind, 'landed', JSON.stringify(applied));
    await world.observer.refresh(never());
    return since;
  }

  /** As `watchRollback` expects it, with the interval of the lab's automations as the calm. */
  async function seen(
    state: Outcome['state'],
    { service, tag }: RollbackIntent,
    since: number,
    from: string,
    more: Pick<Expectation, 'by'> = {},
  ): Promise<Outcome> {
    const look = (): Outcome | undefined => {
      const placement = world.placement(service, environment);
      const outcome = placement && deriveOutcome(placement, { tag, from, since, calmMs: 5000, ...more }, Date.now());
      return outcome?.state === state ? outcome : undefined;
    };
    return await until(look, { timeoutMs, what: `the rollback to be ${state}` });
  }

  it('is overtaken by a newer tag, and holds once it is pinned', async () => {
    const past = valueOf(world.placement('backend', environment)?.history) ?? [];
    const [current = '', earlier = ''] = past.map(({ to }) => to);
    const intent = { service: 'backend', environment, tag: earlier, reason: 'It is slow.' };
    const since = await write(intent, 'exclude');
    const newer = current.replace(/\d+$/, String(Math.floor(Date.now() / 1000)));
    const registryUrl = `http://127.0.0.1:${lab.state.ports.registry}`;
    await pushImage({ registryUrl, name: 'acme/backend', tag: newer, labels: {}, created: Date.now(), salt: newer });
    assert.deepEqual(await seen('overtaken', intent, since, current), { state: 'overtaken', tag: newer });
    await world.observer.refresh(never());
    await seen('held', intent, await write(intent, 'pin'), newer);
  });

  it('ends in one sentence for a user who may change nothing in the cluster', async () => {
    const kubeconfig = join(folder, 'viewer');
    const { admin, viewer } = lab.state.tokens;
    writeFileSync(kubeconfig, readFileSync(lab.paths.kubeconfig, 'utf8').replaceAll(admin, viewer));
    const load = () => Promise.resolve(loadKubeconfig({ path: kubeconfig, environment: {} }));
    const clusters = new ClusterAccess({
      load,
      assertWritable: () => undefined,
      clock: systemClock,
      logger: silentLogger,
    });
    await clusters.load();
    const pen = clusters.penOf(contextName);
    const source = { kind: 'GitRepository', namespace: 'flux-system', name: 'flux-system' };
    const deployment = { kind: 'Deployment', namespace: environment, name: 'backend' };
    assert.deepEqual([await pen.mayChange(source, never()), await pen.mayChange(deployment, never())], [false, false]);
    const deployments = valueOf(world.observer.facts.clusters.get(contextName)?.deployments) ?? [];
    const { generation = 0 } =
      deployments.find(({ meta }) => meta.namespace === environment && meta.name === 'backend')?.meta ?? {};
    const undo = { deployment, images: new Map([['backend', 'x']]), generation };
    for (const act of [applyReconcile(source, pen, Date.now(), never()), applyRolloutUndo(undo, pen, never())]) {
      const told = await act.catch((error: unknown) => error);
      assert.ok(told instanceof ProblemError, String(told));
      assert.match(told.problem.message, /does not allow you to change \w+ in/);
    }
  });

  it('fails at a scan that is refused, and is held once it is pinned, without one', async () => {
    const past = valueOf(world.placement('frontend', environment)?.history) ?? [];
    const [current = '', earlier = ''] = past.map(({ to }) => to);
    const intent = { service: 'frontend', environment, tag: earlier, reason: 'It is slow.' };
    const made = plan(intent, 'exclude');
    isScanRefused = true;
    const outcome = await seen('failed', intent, await write(intent, 'exclude', made), current);
    assert.equal(outcome.state === 'failed' && outcome.link, 'scanned');
    await world.observer.refresh(never());
    await seen('held', intent, await write(intent, 'pin'), current, { by: 'pin' });
  });
});
