import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { deriveFleet } from '../../src/fleet/deriveFleet';
import { realConstants } from '../../src/lab/controllers/constants';
import { runGit } from '../../src/lab/git/labGit';
import { contextName, createLab, type RunningLab, startLab } from '../../src/lab/lab';
import { valueOf } from '../../src/model/reading';
import type { Observer } from '../../src/sources/observer';
import { type ObservedWorld, observeWorld } from './observedWorld';
import { until } from './until';

const { signal } = new AbortController();
const author = ['-c', 'user.name=Colleague', '-c', 'user.email=colleague@example.test'];
const deadline = (what: string) => ({ timeoutMs: 40_000, what });

describe('the observer in the practice lab', function () {
  this.timeout(90_000);
  const bugs: unknown[] = [];
  let folder: string;
  let lab: RunningLab;
  let world: ObservedWorld;
  let observer: Observer;

  const start = async (): Promise<void> => {
    lab = await startLab(folder, { constants: realConstants, onBug: (error) => bugs.push(error) });
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flux-promote-lab-'));
    await createLab(folder, { seed: 'test' });
    await start();
    world = observeWorld({
      workspace: lab.paths.workspace,
      kubeconfig: lab.paths.kubeconfig,
      context: contextName,
      forge: { api: lab.urls.forge, token: lab.state.tokens.forge },
    });
    observer = world.observer;
  });
  after(async () => {
    world.dispose();
    await lab.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    assert.deepEqual([...bugs, ...world.bugs], []);
  });

  it('sees environments, services, and the three tags of each', async () => {
    await until(
      () =>
        ['develop', 'staging', 'production'].every(
          (name) => world.agree('backend', name) && world.agree('frontend', name),
        ),
      deadline('all tags to agree'),
    );
    assert.deepEqual(
      deriveFleet(observer.facts).environments.map(({ name }) => name),
      ['develop', 'staging', 'production'],
    );
  });

  it('knows the registry, the forge and the history behind them', async () => {
    await observer.refresh(signal);
    const { registry, forges } = observer.facts;
    assert.equal(registry.size, 2);
    for (const reading of registry.values()) assert.equal(reading.state, 'known');
    for (const reading of forges.values()) {
      assert.ok(reading.state === 'known', JSON.stringify(reading));
      assert.ok(reading.value.workflows.some(({ path }) => path.endsWith('/promote-production.yml')));
    }
    const history = await until(() => {
      const reading = world.placement('backend', 'production')?.history;
      return reading?.state === 'known' && reading.value.length > 1 ? reading.value : undefined;
    }, deadline('the history'));
    assert.equal(history[0]?.to, world.tags('backend', 'production')[1]);
    const image = world.placement('backend', 'production')?.image ?? '';
    const digest = await observer.readDigest(image, history[0]?.to ?? '', signal);
    assert.match(digest, /^sha256:/);
  });

  it("sees a colleague's push by what the cluster says, long before it asks the remote again", async () => {
    const other = join(folder, 'colleague');
    // The lab serves Git from this very process: a program that is waited for synchronously would wait for ever.
    await runGit(['clone', '-q', `${lab.urls.git}/flux.git`, other]);
    await writeFile(join(other, 'colleague.txt'), 'hello\n');
    await runGit(['add', '-A'], { cwd: other });
    await runGit([...author, 'commit', '-q', '-m', 'Say hello'], { cwd: other });
    await runGit(['push', '-q', 'origin', 'HEAD'], { cwd: other });
    const hash = (await runGit(['rev-parse', 'HEAD'], { cwd: other })).trim();
    await until(
      () => observer.facts.repositories.some(({ content }) => valueOf(content)?.recent.includes(hash) === true),
      deadline('the push'),
    );
    assert.equal(
      await readFile(join(lab.paths.workspace, 'colleague.txt'), 'utf8').catch(() => 'not there'),
      'not there',
    );
  });

  it('dims what falls silent, keeps the tags, and sees everything again when the lab is back', async () => {
    const before = world.tags('backend', 'production');
    await lab.stop();
    await observer.refresh(signal);
    const { clusters, repositories, registry } = observer.facts;
    assert.equal(repositories[0]?.content.state, 'stale');
    assert.deepEqual(
      [...registry.values()].map(({ state }) => state),
      ['stale', 'stale'],
    );
    await until(() => observer.facts.clusters.get(contextName)?.imagePolicies.state === 'stale', deadline('staleness'));
    assert.equal(clusters.size, 1);
    assert.deepEqual(world.tags('backend', 'production'), before);
    await start();
    await observer.refresh(signal);
    await until(
      () =>
        observer.facts.clusters.get(contextName)?.imagePolicies.state === 'known' &&
        world.agree('backend', 'production'),
      deadline('everything to be known again'),
    );
  });
});
