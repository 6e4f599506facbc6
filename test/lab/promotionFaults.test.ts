// What can go wrong between a promotion's confirmation and its new tag, injected on the lab's forge over real sockets.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { type Clock, systemClock } from '../../src/base/clock';
import type { Forge } from '../../src/base/forge/forge';
import { gitHub } from '../../src/base/forge/github';
import type { Fetch } from '../../src/base/http';
import { silentLogger } from '../../src/base/logger';
import { registryClient } from '../../src/base/registry/client';
import { applyApproval } from '../../src/changes/applyApproval';
import { applyDispatch } from '../../src/changes/applyDispatch';
import { followRun } from '../../src/editor/followRun';
import { deriveLineage } from '../../src/fleet/lineage';
import type { Fault } from '../../src/lab/fault';
import type { ForgeOptions, RunningForge } from '../../src/lab/forge/forge';
import { runGit } from '../../src/lab/git/labGit';
import { readDigest, retag } from '../../src/lab/registry/pushImage';
import { parseYaml } from '../../src/manifests/documents';
import type { WorkflowRun } from '../../src/model/facts';
import { ProblemError } from '../../src/model/problem';
import { known, valueOf } from '../../src/model/reading';
import { defaultSettings } from '../../src/model/settings';
import { ForgeSource } from '../../src/sources/forge';
import { readResolvedImage } from '../../src/sources/resolvedImage';
import { ForgeClient, labToken } from './forge/forgeClient';
import { type LabWorld, startLabForge, withLabWorld } from './labWorld';
import { until } from './until';

const { signal } = new AbortController();
const image = 'registry.test/acme/backend';
const at = { owner: 'acme', repository: 'backend' };
const workflow = 'promote-production.yml';

/** Fifty times as fast: what waits for a minute and a half is waited for in two seconds. */
const speed = 50;
const fastClock: Clock = {
  ...systemClock,
  now: () => Date.now() * speed,
  after: (ms, call) => systemClock.after(ms / speed, call),
};

interface Scene {
  readonly world: LabWorld;
  readonly lab: ForgeClient;
  readonly forge: Forge;
  readonly apiUrl: string;
  /** What the editor knows, from nothing: as after a restart. */
  readonly reopen: () => Promise<ForgeSource>;
  readonly plan: ReturnType<typeof planOf>;
}

function planOf(tag: string) {
  const inputs = { staging_tag: tag, reason: 'A fault' };
  return { ...at, workflow, ref: 'main', inputs, image, source: { service: 'backend', environment: 'staging', tag } };
}

function candidate({ summary }: LabWorld): string {
  return summary.tags.backend.staging.at(-1) ?? '';
}

function clientOf(apiUrl: string, over: Fetch = fetch) {
  const access = { fetch: over, clock: systemClock, logger: silentLogger, apiUrl, token: async () => labToken };
  return gitHub(access, (text) => parseYaml(text)[0]?.toJS());
}

async function withScene(body: (scene: Scene) => Promise<void>, options: Partial<ForgeOptions> = {}): Promise<void> {
  await withLabWorld(async (world) => {
    const running: RunningForge = await startLabForge(world, options);
    const forge = clientOf(running.apiUrl);
    const services = [{ image: 'backend', ...at, inputs: {} }];
    const reopen = async () => {
      const source = new ForgeSource({
        forge: () => forge,
        registry: { labels: async () => ({}) },
        clock: fastClock,
        logger: silentLogger,
        onChange: () => undefined,
      });
      await source.read([{ image }], { ...defaultSettings, services }, signal);
      return source;
    };
    try {
      await body({
        world,
        lab: new ForgeClient(running),
        forge,
        apiUrl: running.apiUrl,
        reopen,
        plan: planOf(candidate(world)),
      });
    } finally {
      await running.stop();
    }
  });
}

/** Follows as the editor does. */
async function follow(
  { reopen, forge, plan }: Scene,
  run: Parameters<typeof followRun>[0]['run'],
  onWaiting: (run: WorkflowRun) => unknown = () => undefined,
) {
  const source = await reopen();
  const said: string[] = [];
  const world = {
    facts: { forges: source.forges } as Parameters<typeof followRun>[0]['world']['facts'],
    readRuns: (name: string, end: AbortSignal) => source.readRuns(name, end),
    readRun: (name: string, id: number, end: AbortSignal) => source.readRun(name, id, end),
  };
  const tail = (id: number) => forge.reader.logTail(at, id, 20, signal);
  const say = (text: string): void => void said.push(text);
  const ended = await followRun({ plan, run, world, say, clock: fastClock, tail, onWaiting }, signal).catch(
    (error: unknown) => {
      if (!(error instanceof ProblemError)) throw error;
      return error.problem;
    },
  );
  return { ended, said };
}

async function problemOf(promise: Promise<unknown>): Promise<ProblemError['problem']> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ProblemError, String(error));
  return error.problem;
}

function onDispatch(fault: Fault): Partial<ForgeOptions> {
  return { fault: ({ path }) => (path.endsWith('/dispatches') ? fault : undefined) };
}

/** The workflow with another text, pushed as a colleague would. */
async function editWorkflow({ world }: Scene, change: (text: string) => string): Promise<void> {
  const work = join(world.folder, 'colleague');
  const file = `.github/workflows/${workflow}`;
  await runGit(['clone', '-q', world.git.url('backend'), work]);
  await writeFile(join(work, file), change(await runGit(['show', `HEAD:${file}`], { cwd: work })));
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.invalid'];
  await runGit([...identity, 'commit', '-qam', 'Edit the workflow'], { cwd: work });
  await runGit(['push', '-q', 'origin', 'main'], { cwd: work });
}

const runsOf = async ({ forge }: Scene) => await forge.reader.runs(at, { limit: 50 }, signal);

describe('a promotion and its faults', function () {
  this.timeout(120_000);

  it('follows the one run to its new tag, and reads its record back', () =>
    withScene(async (scene) => {
      const started = await applyDispatch(scene.plan, scene.forge, signal);
      assert.ok('id' in started && started.certainty === 'exact');
      const { ended } = await follow(scene, started);
      assert.ok('id' in ended && ended.id === started.id);
      const source = await scene.reopen();
      const facts = valueOf(source.forges.get(image));
      const message = facts?.commits[0]?.message ?? '';
      assert.match(message, /\n\nA fault\n\nFlux-Promote: promotion\n/);
      assert.match(message, new RegExp(`Flux-Promote-Run: ${started.id}`));
    }));

  it('a dispatch that was accepted without a run is said, not waited for for ever', () =>
    withScene(
      async (scene) => {
        const started = await applyDispatch(scene.plan, scene.forge, signal);
        const { ended } = await follow(scene, started);
        assert.ok('code' in ended && ended.code === 'run-missing', JSON.stringify(ended));
      },
      onDispatch({ status: 204 }),
    ));

  it('two promotions at once: each follows its own, and the same one again starts nothing', () =>
    withScene(
      async (scene) => {
        const other = await scene.lab.dispatch('backend', workflow, { staging_tag: 'staging-v0.0.1-0000000-1' });
        const mine = await applyDispatch(scene.plan, scene.forge, signal);
        const again = await applyDispatch(scene.plan, scene.forge, signal);
        assert.ok('id' in mine && 'id' in again);
        assert.notEqual(mine.id, other);
        assert.deepEqual(again, { id: mine.id, certainty: 'correlated' });
        assert.equal((await runsOf(scene)).length, 2);
        const { ended } = await follow(scene, mine);
        assert.ok('id' in ended && ended.state === 'succeeded', JSON.stringify(ended));
      },
      { stepMs: 400 },
    ));

  it('a cancelled run ends the following, and a re-run of it is followed to its success', () =>
    withScene(
      async (scene) => {
        const started = await applyDispatch(scene.plan, scene.forge, signal);
        assert.ok('id' in started);
        const run = `/repos/acme/backend/actions/runs/${started.id}`;
        assert.equal((await scene.lab.ask('POST', `${run}/cancel`)).status, 202);
        const cancelled = await follow(scene, started);
        assert.ok('message' in cancelled.ended);
        assert.match(cancelled.ended.message, /was cancelled/);
        assert.equal((await scene.lab.ask('POST', `${run}/rerun`)).status, 201);
        const { ended } = await follow(scene, started);
        assert.ok('id' in ended && ended.state === 'succeeded', JSON.stringify(ended));
      },
      { stepMs: 300 },
    ));

  it('a run that fails before the retag is named by its step with what its log says', () =>
    withScene(async (scene) => {
      const plan = planOf('staging-v9.9.9-0000000-1770392924');
      const started = await applyDispatch(plan, scene.forge, signal);
      const { ended } = await follow({ ...scene, plan }, started);
      assert.ok('message' in ended);
      assert.match(ended.message, /failed at step "Check the staging tag"\. It says: .*(404|exit code 1)/);
      const target = plan.source.tag.replace('staging', 'production');
      assert.equal(await readDigest(scene.world.registryUrl, 'acme/backend', target), undefined);
    }));

  it('a run that fails after the retag has made its tag, and a re-run completes it', () =>
    withScene(async (scene) => {
      const lock = join(scene.world.gitRoot, 'backend.git', 'refs', 'heads', 'main.lock');
      await writeFile(lock, '');
      const started = await applyDispatch(scene.plan, scene.forge, signal);
      const { ended } = await follow(scene, started);
      assert.ok('id' in started && 'message' in ended);
      assert.match(ended.message, /failed at step "Record the release"/);
      const target = scene.plan.source.tag.replace('staging', 'production');
      const digest = await readDigest(scene.world.registryUrl, 'acme/backend', target);
      assert.equal(digest, await readDigest(scene.world.registryUrl, 'acme/backend', scene.plan.source.tag));
      await rm(lock);
      await scene.lab.ask('POST', `/repos/acme/backend/actions/runs/${started.id}/rerun`);
      const again = await follow(scene, started);
      assert.ok('id' in again.ended, JSON.stringify(again.ended));
    }));

  it('the network cut at every request, before and after it: the same command again starts no second run', async () => {
    for (const when of ['before', 'after'] as const) {
      for (const cut of [1, 2, 3]) {
        await withScene(
          async (scene) => {
            let asked = 0;
            const cutting: Fetch = async (input, init) => {
              asked += 1;
              if (asked === cut && when === 'before') throw new TypeError('fetch failed');
              const answer = await fetch(input, init);
              if (asked === cut) throw new TypeError('fetch failed');
              return answer;
            };
            const flaky = clientOf(scene.apiUrl, cutting);
            const first = await applyDispatch(scene.plan, flaky, signal).catch((error: unknown) => error);
            const again = await applyDispatch(scene.plan, scene.forge, signal);
            assert.ok('id' in again, `${when} ${cut}: ${String(first)}`);
            assert.equal((await runsOf(scene)).length, 1, `${when} ${cut}`);
          },
          { stepMs: 20_000 },
        );
      }
    }
  });

  it('an editor that is closed at any step finds the run again, with its step', () =>
    withScene(
      async (scene) => {
        const started = await applyDispatch(scene.plan, scene.forge, signal);
        assert.ok('id' in started);
        const seen = new Set<string>();
        await until(
          async () => {
            const source = await scene.reopen();
            const run = valueOf(source.forges.get(image))?.runs.find(({ id }) => id === started.id);
            const step = run?.steps.find(({ state }) => state === 'running')?.name;
            if (step !== undefined) seen.add(step);
            return run?.state === 'succeeded';
          },
          { timeoutMs: 30_000, what: 'the run to be seen to its end' },
        );
        assert.ok(seen.size >= 2, [...seen].join(', '));
      },
      { stepMs: 800 },
    ));

  it('a waiting approval is told, listed and given', () =>
    withScene(
      async (scene) => {
        await editWorkflow(scene, (text) => text.replace('runs-on: lab', 'runs-on: lab\n    environment: production'));
        const started = await applyDispatch(scene.plan, scene.forge, signal);
        const approved: string[] = [];
        const given: Promise<void>[] = [];
        const approve = async (id: number): Promise<void> => {
          const pending = await scene.forge.reader.approvals(at, id, signal);
          approved.push(...pending.filter(({ mayApprove }) => mayApprove).map(({ name }) => name));
          await applyApproval(at, id, pending, scene.forge.writer, signal);
        };
        const { ended } = await follow(scene, started, ({ id }) => given.push(approve(id)));
        await Promise.all(given);
        assert.ok('id' in ended && ended.state === 'succeeded', JSON.stringify(ended));
        assert.deepEqual(approved, ['production']);
        assert.deepEqual(await scene.forge.reader.environments(at, signal), ['production']);
      },
      { protectedEnvironments: ['production'] },
    ));

  it('nobody without the right starts a run, and is told so', () =>
    withScene(
      async (scene) => {
        const problem = await problemOf(applyDispatch(scene.plan, scene.forge, signal));
        assert.equal(problem.code, 'forge-unauthorized');
        assert.match(problem.message, /does not let you start the workflow promote-production\.yml/);
        assert.equal((await runsOf(scene)).length, 0);
      },
      onDispatch({ status: 403, body: '{"message":"Must have admin rights to Repository."}' }),
    ));

  for (const skewMs of [-3_600_000, 3_600_000]) {
    it(`a forge whose clock is ${skewMs / 3_600_000} h off mixes up no runs`, () =>
      withScene(
        async (scene) => {
          const before = new Set((await runsOf(scene)).map(({ id }) => id));
          const id = await scene.lab.dispatch('backend', workflow, scene.plan.inputs);
          const { ended } = await follow(scene, { before });
          assert.ok('id' in ended && ended.id === id, JSON.stringify(ended));
        },
        { now: () => Date.now() + skewMs },
      ));
  }

  it('a tag that was published with another image, or moved after the promotion, is no longer the same', () =>
    withScene(async (scene) => {
      const started = await applyDispatch(scene.plan, scene.forge, signal);
      await follow(scene, started);
      const { registryUrl } = scene.world;
      const name = `${new URL(registryUrl).host}/acme/backend`;
      const registry = registryClient({
        fetch,
        clock: systemClock,
        credentials: async () => undefined,
        isPlainHttp: () => true,
      });
      const target = scene.plan.source.tag.replace('staging', 'production');
      const side = async (tag: string, digest?: string) => ({
        tag,
        resolved: known(await readResolvedImage(registry, name, tag, signal), 0),
        pods: digest === undefined ? [] : [{ environment: 'production', pod: 'backend-1', digest }],
      });
      const tested = await side(scene.plan.source.tag);
      const ran = tested.resolved.state === 'known' ? tested.resolved.value.digest : '';
      const verdict = async () => deriveLineage({ image: name, source: tested, target: await side(target, ran) });
      assert.equal((await verdict()).verdict, 'same');
      const [older = ''] = scene.world.summary.tags.backend.staging;
      await retag({ registryUrl, name: 'acme/backend', from: older, to: target });
      const moved = await verdict();
      assert.equal(moved.verdict, 'different');
      assert.match(moved.evidence.map(({ text }) => text).join('\n'), /the tag was moved after it was pulled/);
    }));
});
