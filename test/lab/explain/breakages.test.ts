// "Done when": whoever breaks the practice lab by any of its commands is told in one command what is wrong, why, and how to
// mend it, and the mend works. Everything by the command line as it is shipped, and by the commands that it prints.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'mocha';
import { kubeReader, kubeWriter } from '../../../src/base/kubernetes/client';
import { connectCluster } from '../../../src/base/kubernetes/connection';
import { loadKubeconfig } from '../../../src/base/kubernetes/kubeconfig';
import { applyReconcile } from '../../../src/changes/applyCluster';
import { clusterPen } from '../../../src/editor/clusterPen';
import type { Explanation } from '../../../src/fleet/explain/explanation';
import { applyBreakage, type Breakage } from '../../../src/lab/breakages';
import { realConstants } from '../../../src/lab/controllers/constants';
import { contextName, createLab, type RunningLab, startLab } from '../../../src/lab/lab';
import { pushImage } from '../../../src/lab/registry/pushImage';
import { buildProgram, type Program } from '../cli/program';
import { until } from '../until';

const run = promisify(execFile);
const identity = {
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.invalid',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.invalid',
};

describe('a broken practice lab, explained and mended', function () {
  this.timeout(180_000);
  let folder: string;
  let lab: RunningLab;
  let program: Program;
  const bugs: unknown[] = [];

  const shell = async (script: string): Promise<void> => {
    await run('bash', ['-e', '-c', script], { cwd: lab.paths.workspace, env: { ...process.env, ...identity } });
  };
  const explain = async (...more: readonly string[]): Promise<Explanation> => {
    await shell('git fetch -q');
    const given = [
      'explain',
      'backend',
      'production',
      '--context',
      contextName,
      '--kubeconfig',
      lab.paths.kubeconfig,
      '--json',
      ...more,
    ];
    const environment = { FLUX_PROMOTE_FORGE_TOKEN: lab.state.tokens.forge };
    const { output, errors } = await program.run(lab.paths.workspace, given, { environment });
    assert.equal(errors, '');
    return JSON.parse(output) as Explanation;
  };
  const codesOf = ({ faults }: Explanation): readonly string[] => faults.map(({ code }) => code);
  const untilSays = (what: string, is: (said: Explanation) => boolean): Promise<Explanation> =>
    until(
      async () => {
        const said = await explain();
        if (is(said)) return said;
        throw new Error(
          `it says: ${said.verdict} ${said.faults.map(({ link, text }) => `${link}: ${text}`).join('; ')}`,
        );
      },
      { timeoutMs: 60_000, what },
    );
  const isWell = (): Promise<Explanation> =>
    untilSays('production to be well', ({ verdict }) => verdict === 'delivered');
  const breakBy = async (breakage: Breakage, expected: readonly string[]): Promise<Explanation> => {
    await isWell();
    await applyBreakage(folder, breakage);
    return await untilSays(expected.join(' and '), (said) => codesOf(said).join() === expected.join());
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flux-promote-lab-'));
    await createLab(folder, { seed: 'test' });
    lab = await startLab(folder, {
      constants: { ...realConstants, healthPollMs: 200 },
      onBug: (error) => bugs.push(error),
    });
    program = await buildProgram();
  });
  after(async () => {
    program.remove();
    await lab.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    assert.deepEqual(bugs, []);
  });

  it('production does not update: names the pattern, the commit that broke it, and its revert', async () => {
    const { faults } = await breakBy('production-does-not-update', ['policy-no-match']);
    const [fault] = faults;
    assert.equal(fault?.link, 'selected');
    const { file = '', line = 0 } = fault.place ?? {};
    assert.match(file, /production\/image-policy\.yaml$/);
    const lines = (await readFile(join(lab.paths.workspace, file), 'utf8')).split('\n');
    assert.match(lines[line - 1] ?? '', /^ +pattern: /);
    const words = fault.evidence.map(({ of, text }) => `${of}: ${text}`).join('\n');
    assert.match(words, /version list argument cannot be empty/);
    assert.match(words, /use the short environment name in tags/);
    const step = fault.steps.find(({ command }) => command.includes('git revert'));
    assert.ok(step !== undefined);
    await shell(step.command);
    await isWell();
  });

  it('the wrong environment: names the marker and the path, and prints the commit that repairs both', async () => {
    await breakBy('wrong-environment', ['marker-crosses', 'automation-crosses']);
    // A repair that is made before the bot has done its harm is refused: the branch moves under it.
    const { faults } = await untilSays('the foreign tag to be written', ({ tags: { written = '' } }) =>
      written.startsWith('staging-'),
    );
    const [marker, automation] = faults;
    assert.match(
      marker?.text ?? '',
      /^staging-v\S+ is written into production: the marker takes its tag from staging\/backend$/,
    );
    assert.match(marker?.evidence.map(({ text }) => text).join('\n') ?? '', /staging:backend:tag/);
    assert.match(automation?.remedy.text ?? '', /\.\/flux\/apps\/backend\/staging/);
    const step = marker?.steps.find(({ command }) => command.includes('git apply'));
    assert.ok(step !== undefined);
    await shell(step.command);
    await isWell();
  });

  it('a promotion that fails: names the run and its step where the forge may be asked, and says where it may not', async () => {
    assert.deepEqual(
      (await isWell()).unseen.map(({ message }) => message.split(':')[0]),
      ['The workflow runs were not asked'],
    );
    const path = '/repos/acme/backend/actions/workflows/promote-production.yml/dispatches';
    const dispatched = await fetch(`${lab.urls.forge}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${lab.state.tokens.forge}` },
      body: JSON.stringify({ ref: 'main', inputs: { staging_tag: 'staging-v9.9.9-0000000-1' } }),
    });
    assert.equal(dispatched.status, 204);
    const { faults, unseen } = await until(
      async () => {
        const said = await explain('--forge', lab.urls.forge);
        return codesOf(said).join() === 'run-failed' && said;
      },
      { timeoutMs: 30_000, what: 'the run to fail' },
    );
    assert.match(faults[0]?.text ?? '', /^run \d+ failed at step "Check the staging tag"$/);
    assert.deepEqual(unseen, []);
  });

  it('a tag that was pushed to another service: names where it is', async () => {
    const tag = 'production-v9.9.9-0000000-1';
    const labels = {};
    await pushImage({ registryUrl: lab.urls.registry, name: 'acme/frontend', tag, labels, created: 0, salt: tag });
    const { faults } = await explain('--tag', tag);
    assert.deepEqual(
      faults.map(({ link, code }) => `${link}: ${code}`),
      ['published: tag-elsewhere'],
    );
    assert.match(faults[0]?.text ?? '', /acme\/frontend, and not in .*acme\/backend$/);
  });

  it('a rollout undo: names who did it and when Flux puts it back, and Reconcile Now mends it', async () => {
    const { faults } = await breakBy('rollout-undo', ['workload-drifted']);
    const [fault] = faults;
    const words = fault?.evidence.map(({ text }) => text).join('\n') ?? '';
    assert.match(words, /kubectl-rollout/);
    assert.match(words, /puts it back .*any commit in the repository does it too/);
    assert.ok(fault !== undefined);
    assert.deepEqual([fault.remedy.command, fault.remedy.or?.command], ['reconcileNow', 'rollBack']);
    assert.ok(fault.steps.some(({ command }) => command.startsWith('flux reconcile kustomization')));
    const loaded = loadKubeconfig({ path: lab.paths.kubeconfig, environment: {} });
    const access = loaded.access(contextName);
    const connection = connectCluster(access);
    const pen = clusterPen((task) => task({ reader: kubeReader(connection), writer: kubeWriter(connection) }));
    const name = /kustomization (\S+) -n (\S+)/.exec(fault.steps[0]?.command ?? '');
    const object = { kind: 'Kustomization', name: name?.[1] ?? '', namespace: name?.[2] ?? '' };
    await applyReconcile(object, pen, Date.now(), AbortSignal.timeout(10_000));
    await isWell();
    connection.dispose();
  });
});
