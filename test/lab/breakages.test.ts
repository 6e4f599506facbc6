import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { applyBreakage } from '../../src/lab/breakages';
import { listAt, textAt } from '../../src/lab/cluster/json';
import { realConstants } from '../../src/lab/controllers/constants';
import { runGit } from '../../src/lab/git/labGit';
import { createLab, type RunningLab, startLab } from '../../src/lab/lab';
import { ProblemError } from '../../src/model/problem';
import { type LabApi, labApi } from './labApi';
import { until } from './until';

const deploymentPath = '/apis/apps/v1/namespaces/production/deployments/backend';
const policyPath = '/apis/image.toolkit.fluxcd.io/v1/namespaces/production/imagepolicies/backend';
const overlay = 'flux/apps/backend/production/kustomization.yaml';

describe('breaking the practice lab', function () {
  this.timeout(60_000);
  let folder: string;
  let lab: RunningLab;
  let api: LabApi;
  const bugs: unknown[] = [];
  const runningTag = async (): Promise<string> => {
    const image = textAt(await api.get(deploymentPath), 'spec', 'template', 'spec', 'containers', 0, 'image');
    return image?.split(':').at(-1) ?? '';
  };
  const writtenTag = async (): Promise<string> => {
    const text = await runGit(['--git-dir', join(lab.paths.git, 'flux.git'), 'show', `main:${overlay}`]);
    return /newTag: (\S+)/.exec(text)?.[1] ?? '';
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flux-promote-lab-'));
    await createLab(folder, { seed: 'test' });
    const constants = { ...realConstants, healthPollMs: 200 };
    lab = await startLab(folder, { constants, onBug: (error) => bugs.push(error) });
    api = await labApi(lab);
    await until(async () => (await runningTag()) !== '', { timeoutMs: 30_000, what: 'production' });
  });
  after(async () => {
    await lab.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    assert.deepEqual(bugs, []);
  });

  it('runs the previous version ahead of Git, under the name of kubectl', async () => {
    const written = await writtenTag();
    assert.equal(await runningTag(), written);
    const told = await applyBreakage(folder, 'rollout-undo');
    assert.match(told, /^Ran "kubectl -n production rollout undo deployment\/backend": .*:production-v/);
    const drifted = await runningTag();
    assert.notEqual(drifted, written);
    assert.match(drifted, /^production-v/);
    assert.equal(await writtenTag(), written);
    const managers = listAt(await api.get(deploymentPath), 'metadata', 'managedFields').map((entry) =>
      textAt(entry, 'manager'),
    );
    assert.ok(managers.includes('kubectl-rollout'));
  });

  it('undoes a rollout to the previous ReplicaSet where there is one', async () => {
    const drifted = await runningTag();
    const written = await writtenTag();
    await applyBreakage(folder, 'rollout-undo');
    assert.equal(await runningTag(), written);
    await applyBreakage(folder, 'rollout-undo');
    assert.equal(await runningTag(), drifted);
  });

  it('brings a staging tag into production', async () => {
    await applyBreakage(folder, 'wrong-environment');
    await until(async () => (await writtenTag()).startsWith('staging-v'), {
      timeoutMs: 30_000,
      what: 'the wrong tag in Git',
    });
    await until(async () => (await runningTag()).startsWith('staging-v'), {
      timeoutMs: 30_000,
      what: 'the wrong tag to run',
    });
  });

  it('lets production stand still', async () => {
    const before = textAt(await api.get(policyPath), 'status', 'latestRef', 'tag');
    assert.match(await applyBreakage(folder, 'production-does-not-update'), /^Pushed [0-9a-f]{7} to main: /);
    await until(
      async () =>
        textAt(await api.get(policyPath), 'status', 'conditions', 0, 'message') ===
        'version list argument cannot be empty',
      { timeoutMs: 30_000, what: 'the policy to find nothing' },
    );
    assert.equal(textAt(await api.get(policyPath), 'status', 'latestRef', 'tag'), before);
  });

  it('says when a scenario cannot be played', async () => {
    await assert.rejects(applyBreakage(folder, 'wrong-environment'), (error: unknown) => {
      assert.ok(error instanceof ProblemError);
      assert.match(error.problem.message, /^This scenario cannot be played now: /);
      return true;
    });
    await assert.rejects(applyBreakage(join(folder, 'none'), 'rollout-undo'), { name: 'ProblemError' });
  });
});

describe("the practice lab's process", function () {
  this.timeout(60_000);
  let folder: string;

  const run = (...args: readonly string[]) =>
    spawn(process.execPath, ['--require', 'tsx/cjs', 'src/lab/main.ts', ...args]);
  const firstLine = async (child: ReturnType<typeof run>): Promise<string> => {
    let text = '';
    for await (const chunk of child.stdout) {
      text += String(chunk);
      if (text.includes('\n')) break;
    }
    return text;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flux-promote-lab-'));
  });
  after(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

  it('says in one line that there is no lab', async () => {
    const child = run('start', folder);
    child.stdin.end();
    const line = await firstLine(child);
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    assert.equal(code, 1);
    assert.match(line, /^\{"ready":false,"problem":\{"code":"lab-missing"/);
  });

  for (const end of ['standard input closes', 'SIGTERM'] as const) {
    it(`makes a lab, says that it is ready, and ends when ${end}`, async () => {
      const making = run('reset', folder);
      assert.deepEqual(await once(making, 'exit'), [0, null]);
      const child = run('start', folder);
      const exited = once(child, 'exit');
      const line = await firstLine(child);
      const state = JSON.parse(line) as Readonly<Record<string, unknown>>;
      assert.equal(state['ready'], true);
      assert.doesNotMatch(line, /token|[A-Za-z0-9_-]{32}/);
      const begun = Date.now();
      if (end === 'SIGTERM') child.kill('SIGTERM');
      else child.stdin.end();
      assert.deepEqual(await exited, [0, null]);
      assert.ok(Date.now() - begun < 2000);
    });
  }

  it('explains itself', async () => {
    const child = run('mend', folder);
    assert.deepEqual(await once(child, 'exit'), [2, null]);
  });
});
