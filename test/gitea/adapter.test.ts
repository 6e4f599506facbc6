import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock';
import { openForge } from '../../src/base/forge/openForge';
import { silentLogger } from '../../src/base/logger';
import { cloneWorkspace, createContent } from '../../src/lab/content/createContent';
import { runGit } from '../../src/lab/git/labGit';
import { startRegistry } from '../../src/lab/registry/registry';
import { parseYaml } from '../../src/manifests/documents';
import { describeForge, type ForgeWorld } from '../lab/forge/forgeContract';
import { until } from '../lab/until';
import { startGitea } from './giteaServer';

/** The lab's own backend repository, pushed to Gitea. */
async function openGitea(): Promise<ForgeWorld> {
  const { url, folder, user, password, token, stop } = await startGitea();
  const ask = async (method: string, path: string, body: object | undefined, wanted: number): Promise<boolean> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
    });
    await answer.text();
    return answer.status === wanted;
  };
  const registry = await startRegistry({ folder: join(folder, 'registry'), port: 0 });
  try {
    const gitRoot = join(folder, 'content');
    await mkdir(gitRoot);
    const hosts = { registryUrl: `http://${registry.host}`, gitUrl: url, forgeUrl: url };
    const { tags } = await createContent({ ...hosts, folder: gitRoot, now: Date.now(), seed: 'contract' });
    assert.ok(await ask('POST', '/user/repos', { name: 'backend', default_branch: 'main' }, 201));
    const remote = `${url.replace('://', `://${user}:${password}@`)}/${user}/backend.git`;
    await runGit(['--git-dir', join(gitRoot, 'backend.git'), 'push', '-q', remote, 'main']);
    // It takes a push before it has looked at it.
    const isSeen = () => ask('GET', `/repos/${user}/backend/contents/README.md`, undefined, 200);
    await until(isSeen, { timeoutMs: 30_000, what: 'the push to be seen' });
    const clone = join(folder, 'clone');
    await cloneWorkspace({ url: remote, folder: clone });
    const access = {
      fetch,
      clock: systemClock,
      logger: silentLogger,
      apiUrl: `${url}/api/v1`,
      token: async () => token,
    };
    return {
      forge: openForge('gitea', access, (text) => parseYaml(text)[0]?.toJS()),
      at: { owner: user, repository: 'backend' },
      clone,
      stagingTag: tags.backend.staging.at(-1) ?? '',
      // It refuses as long as it has not made up its mind whether there are conflicts.
      merge: async (number) => {
        const merge = () => ask('POST', `/repos/${user}/backend/pulls/${number}/merge`, { Do: 'merge' }, 200);
        await until(merge, { timeoutMs: 30_000, what: 'the merge to be taken' });
      },
      protectMain: async () => {
        const rule = { rule_name: 'main', enable_push: false };
        assert.ok(await ask('POST', `/repos/${user}/backend/branch_protections`, rule, 201));
      },
      stop: async () => {
        await registry.stop();
        await stop();
      },
    };
  } catch (error) {
    await registry.stop();
    await stop();
    throw error;
  }
}

describeForge('a real Gitea', openGitea);
