import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { textAt } from '../../src/lab/cluster/json';
import { realConstants } from '../../src/lab/controllers/constants';
import { createLab, type RunningLab, resetLab, startLab } from '../../src/lab/lab';
import { retag } from '../../src/lab/registry/pushImage';
import { readState } from '../../src/lab/state';
import { ProblemError } from '../../src/model/problem';
import { type LabApi, labApi } from './labApi';
import { until } from './until';

describe('the practice lab', function () {
  this.timeout(60_000);
  let folder: string;
  let lab: RunningLab;
  let api: LabApi;
  const bugs: unknown[] = [];
  const start = async (): Promise<void> => {
    const constants = { ...realConstants, healthPollMs: 200 };
    lab = await startLab(folder, { constants, onBug: (error) => bugs.push(error) });
    api = await labApi(lab);
  };
  const allReady = async (): Promise<boolean> => {
    const kustomizations = await api.list('/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations');
    const states = kustomizations.map((object) => textAt(object, 'status', 'conditions', 0, 'status'));
    return states.length === 4 && states.every((state) => state === 'True');
  };
  const imageOf = async (environment: string): Promise<string> => {
    const deployment = await api.get(`/apis/apps/v1/namespaces/${environment}/deployments/backend`);
    return textAt(deployment, 'spec', 'template', 'spec', 'containers', 0, 'image') ?? '';
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flux-promote-lab-'));
    await createLab(folder, { seed: 'test' });
    await start();
  });
  after(async () => {
    await lab.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    assert.deepEqual(bugs, []);
  });

  it('keeps its secrets to its owner', async () => {
    for (const file of ['lab.json', 'kubeconfig']) {
      assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600, file);
    }
    assert.equal(existsSync(join(lab.paths.workspace, '.git')), true);
  });

  it('gets every Kustomization Ready, with the tags that Git says', async () => {
    await until(allReady, { timeoutMs: 30_000, what: 'all Kustomizations to be Ready' });
    for (const environment of ['develop', 'staging', 'production']) {
      const overlay = await readFile(
        join(lab.paths.workspace, `flux/apps/backend/${environment}/kustomization.yaml`),
        'utf8',
      );
      assert.equal((await imageOf(environment)).split(':').at(-1), /newTag: (\S+)/.exec(overlay)?.[1]);
    }
  });

  it('rolls out a production tag that somebody pushes', async () => {
    const staging = (await imageOf('staging')).split(':').at(-1) ?? '';
    const tag = staging.replace('staging-', 'production-');
    await retag({ registryUrl: lab.urls.registry, name: 'acme/backend', from: staging, to: tag });
    await until(async () => (await imageOf('production')).endsWith(`:${tag}`), {
      timeoutMs: 30_000,
      what: 'the new tag',
    });
    const pods = await until(
      async () => {
        const found = await api.list('/api/v1/namespaces/production/pods');
        const own = found.filter((pod) => textAt(pod, 'spec', 'containers', 0, 'image')?.endsWith(`:${tag}`) === true);
        const isReady = own.length === 2 && own.every((pod) => textAt(pod, 'status', 'phase') === 'Running');
        return isReady ? own : undefined;
      },
      { timeoutMs: 30_000, what: 'the pods of the new tag' },
    );
    assert.match(textAt(pods[0], 'status', 'containerStatuses', 0, 'imageID') ?? '', /@sha256:[0-9a-f]{64}$/);
    const events = await api.list('/api/v1/namespaces/production/events');
    assert.ok(events.some((event) => (textAt(event, 'message') ?? '').startsWith("pushed commit '")));
  });

  it('wants its token', async () => {
    await assert.rejects(
      labApi(lab, 'wrong').then((other) => other.get('/api/v1/namespaces/production')),
      /401/,
    );
  });

  it('refuses a taken port with the way out, and leaves nothing running', async () => {
    const second = startLab(folder, { onBug: (error) => bugs.push(error) });
    await assert.rejects(second, (error: unknown) => {
      assert.ok(error instanceof ProblemError);
      assert.equal(error.problem.code, 'lab-port-taken');
      assert.equal(error.problem.remedy, 'resetPracticeLab');
      return true;
    });
  });

  it('stops in two seconds, and starts again on the same ports with what Git says', async () => {
    const image = await imageOf('production');
    const begun = Date.now();
    await lab.stop();
    assert.ok(Date.now() - begun < 2000);
    for (const port of Object.values(lab.state.ports)) await assertFree(port);
    const { urls } = lab;
    await start();
    assert.deepEqual(lab.urls, urls);
    await until(allReady, { timeoutMs: 30_000, what: 'all Kustomizations to be Ready again' });
    assert.equal(await imageOf('production'), image);
  });

  it('touches no folder that holds something else', async () => {
    const other = await mkdtemp(join(tmpdir(), 'flux-promote-other-'));
    await mkdir(join(other, 'git'));
    for (const make of [createLab, resetLab]) {
      await assert.rejects(
        make(other),
        (error) => error instanceof ProblemError && error.problem.code === 'lab-missing',
      );
    }
    assert.deepEqual(await readdir(other), ['git']);
    await rm(other, { recursive: true });
  });

  it('draws new ports when it is reset', async () => {
    const old = lab.state;
    await lab.stop();
    await resetLab(folder, { seed: 'test' });
    const state = await readState(folder);
    assert.notDeepEqual(state?.ports, old.ports);
    assert.notEqual(state?.tokens.admin, old.tokens.admin);
    assert.deepEqual((await readdir(folder)).sort(), ['git', 'lab.json', 'registry', 'workspace']);
    await start();
    assert.equal(lab.problem, undefined);
  });
});

async function assertFree(port: number): Promise<void> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
