import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import type { Forge } from '../../src/base/forge/forge';
import { gitHub } from '../../src/base/forge/github';
import { gitReader } from '../../src/base/git/reader';
import { kubeReader } from '../../src/base/kubernetes/client';
import { connectCluster } from '../../src/base/kubernetes/connection';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { Lifetime } from '../../src/base/lifetime';
import { silentLogger } from '../../src/base/logger';
import { registryClient } from '../../src/base/registry/client';
import { deriveFleet } from '../../src/fleet/deriveFleet';
import { realConstants } from '../../src/lab/controllers/constants';
import { runGit } from '../../src/lab/git/labGit';
import { contextName, createLab, type RunningLab, startLab } from '../../src/lab/lab';
import { parseYaml } from '../../src/manifests/documents';
import { readManifests } from '../../src/manifests/repository';
import type { Placement } from '../../src/model/fleet';
import { valueOf } from '../../src/model/reading';
import { defaultSettings } from '../../src/model/settings';
import { ClusterSource } from '../../src/sources/cluster';
import { Observer } from '../../src/sources/observer';
import { apiOf } from '../../src/sources/serviceRepository';
import { run } from './gitFixture';
import { until } from './until';

const { signal } = new AbortController();
const author = ['-c', 'user.name=Colleague', '-c', 'user.email=colleague@example.test'];
const deadline = (what: string) => ({ timeoutMs: 40_000, what });

describe('the observer in the practice lab', function () {
  this.timeout(90_000);
  const lifetime = new Lifetime();
  const bugs: unknown[] = [];
  let folder: string;
  let lab: RunningLab;
  let observer: Observer;

  const observe = (): Observer => {
    const services = ['backend', 'frontend'].map((image) => ({ image, owner: 'acme', repository: image, inputs: {} }));
    const settings = { ...defaultSettings, services, forges: [{ api: lab.urls.forge, kind: 'github' as const }] };
    const token = async () => lab.state.tokens.forge;
    const access = { fetch, clock: systemClock, logger: silentLogger, token };
    const forge = (host: string): Forge | undefined => {
      const apiUrl = apiOf(host, settings.forges)?.api;
      if (apiUrl === undefined) return undefined;
      return gitHub({ ...access, apiUrl }, (text) => parseYaml(text)[0]?.toJS());
    };
    return new Observer({
      repositories: [
        {
          folder: lab.paths.workspace,
          reader: (at) => gitReader(at, run(at)),
          readManifests,
          clock: systemClock,
          logger: silentLogger,
        },
      ],
      scope: { settings, contexts: new Map(), defaultContext: contextName },
      watchCluster: (context, onChange) => {
        const kubeconfig = loadKubeconfig({ path: lab.paths.kubeconfig, environment: {} });
        const life = new Lifetime();
        const reader = kubeReader(life.add(connectCluster(kubeconfig.access(context))));
        return life.add(new ClusterSource({ reader, onChange, clock: systemClock, logger: silentLogger }));
      },
      registry: registryClient({
        fetch,
        clock: systemClock,
        credentials: async () => undefined,
        isPlainHttp: (host) => host.startsWith('127.0.0.1:'),
      }),
      forge,
      clock: systemClock,
      logger: { ...silentLogger, error: (message) => bugs.push(message) },
    });
  };
  const start = async (): Promise<void> => {
    lab = await startLab(folder, { constants: realConstants, onBug: (error) => bugs.push(error) });
  };
  const placement = (service: string, environment: string): Placement | undefined =>
    deriveFleet(observer.facts)
      .environments.find(({ name }) => name === environment)
      ?.placements.find((one) => one.service === service);
  const tags = (service: string, environment: string): readonly (string | undefined)[] => {
    const found = placement(service, environment);
    return [found?.selected, found?.written, found?.running].map((reading) => valueOf(reading)?.tag);
  };
  const agree = (service: string, environment: string, tag?: string): boolean => {
    const [selected, written, running] = tags(service, environment);
    return selected !== undefined && selected === written && written === running && (tag ?? selected) === selected;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flux-promote-lab-'));
    await createLab(folder, { seed: 'test' });
    await start();
    observer = lifetime.add(observe());
    lifetime.add(observer.interest());
  });
  after(async () => {
    lifetime.dispose();
    await lab.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    assert.deepEqual(bugs, []);
  });

  it('sees environments, services, and the three tags of each', async () => {
    await until(
      () => ['develop', 'staging', 'production'].every((name) => agree('backend', name) && agree('frontend', name)),
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
      const reading = placement('backend', 'production')?.history;
      return reading?.state === 'known' && reading.value.length > 1 ? reading.value : undefined;
    }, deadline('the history'));
    assert.equal(history[0]?.to, tags('backend', 'production')[1]);
    const image = placement('backend', 'production')?.image ?? '';
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
    const before = tags('backend', 'production');
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
    assert.deepEqual(tags('backend', 'production'), before);
    await start();
    await observer.refresh(signal);
    await until(
      () => observer.facts.clusters.get(contextName)?.imagePolicies.state === 'known' && agree('backend', 'production'),
      deadline('everything to be known again'),
    );
  });
});
