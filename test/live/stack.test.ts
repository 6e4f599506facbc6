// What the live stack promises by itself: it lives side by side with others, leaves nothing behind, and its Flux is alive.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { root } from '../../scripts/paths';
import { asObject, asString } from '../../src/base/json';
import { makeBareRepository } from '../../src/lab/git/bareRepository';
import { makeTemporaryFolder } from '../lab/temporaryFolder';
import { until } from '../lab/until';
import { namedCluster } from './stack/namedCluster';
import { type OpenedStack, openStack } from './stack/openStack';
import { startApiOnly } from './stack/stack';
import { stopFile } from './stack/stackState';

const keeper = join(root, 'test/live/stack/keeper.ts');

/** Command lines of the processes that name the folder. */
function processesOf(folder: string): readonly string[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.map(commandLine).filter((line) => line.includes(folder));
}

/** A process may end while it is looked at. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return '';
    throw error;
  }
}

describe('the live stack', function () {
  this.timeout(180_000);
  let stack: OpenedStack;

  before(async () => {
    stack = await openStack();
  });
  after(() => stack.close());

  it('has a source-controller that looks into its Git server', async () => {
    const namespace = 'stack-fetch';
    const repository = join(stack.git.root, `${namespace}.git`);
    await makeBareRepository(repository);
    await stack.api.create('/api/v1/namespaces', { metadata: { name: namespace } });
    const path = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${namespace}/gitrepositories`;
    await stack.api.create(path, {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'empty' },
      spec: { interval: '10s', url: `${stack.git.baseUrl}/${namespace}.git`, ref: { branch: 'main' } },
    });
    const ready = await until(
      async () => {
        const status = asObject((await stack.api.get(`${path}/empty`))['status']);
        const conditions = Array.isArray(status?.['conditions']) ? status['conditions'] : [];
        return conditions.map(asObject).find((one) => one?.['type'] === 'Ready' && one['status'] === 'False');
      },
      { timeoutMs: 60_000, what: 'a verdict of source-controller' },
    );
    assert.match(asString(ready['message']) ?? '', /git repository is empty|couldn't find remote ref/);
    await stack.api.remove(`/api/v1/namespaces/${namespace}`);
  });

  for (const [end, signal] of [
    ['is asked to end', 'SIGTERM'],
    ['is killed', 'SIGKILL'],
  ] as const) {
    it(`starts beside another one, and leaves no process and no file when its parent ${end}`, async () => {
      const folder = await makeTemporaryFolder();
      const parent = spawn(process.execPath, ['--require', 'tsx/cjs', keeper, folder], { cwd: root, stdio: 'inherit' });
      try {
        await until(() => existsSync(stopFile(folder)), { timeoutMs: 120_000, what: 'the second stack' });
        assert.ok(processesOf(folder).length > 8, processesOf(folder).join('\n'));
      } finally {
        parent.kill(signal);
      }
      await until(() => processesOf(folder).length === 0, { timeoutMs: 30_000, what: 'its processes to end' });
      await until(() => !existsSync(folder), { timeoutMs: 10_000, what: 'its folder to go' });
    });
  }

  it('gives an API server alone, which keeps what it has when it is killed and started again', async () => {
    const alone = await startApiOnly();
    try {
      assert.deepEqual(alone.processes, ['etcd', 'kube-apiserver']);
      await alone.api.create('/api/v1/namespaces', { metadata: { name: 'kept' } });
      await alone.kill('kube-apiserver');
      await assert.rejects(alone.api.get('/api/v1/namespaces/kept'));
      await alone.restart('kube-apiserver');
      await alone.api.get('/api/v1/namespaces/kept');
      // Answers 429 until its caches of custom resources are filled again.
      const policies = await until(() => alone.api.list('/apis/image.toolkit.fluxcd.io/v1/imagepolicies'), {
        timeoutMs: 30_000,
        what: 'a list of policies',
      });
      assert.deepEqual(policies, []);
    } finally {
      await alone.stop();
    }
  });

  it('takes another cluster only when file and context are both named', () => {
    const [file, context] = ['FLUX_PROMOTE_LIVE_KUBECONFIG', 'FLUX_PROMOTE_LIVE_CONTEXT'];
    assert.equal(namedCluster({}), undefined);
    assert.deepEqual(namedCluster({ [file]: '/k', [context]: 'kind' }), { kubeconfig: '/k', context: 'kind' });
    assert.throws(() => namedCluster({ [file]: '/k' }), /FLUX_PROMOTE_LIVE_CONTEXT is not/);
    assert.throws(() => namedCluster({ [context]: 'kind' }), /FLUX_PROMOTE_LIVE_KUBECONFIG is not/);
  });
});
