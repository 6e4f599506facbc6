import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock';
import { openForge } from '../../../src/base/forge/openForge';
import { silentLogger } from '../../../src/base/logger';
import { cloneWorkspace, createContent } from '../../../src/lab/content/createContent';
import { startForge } from '../../../src/lab/forge/forge';
import { startGitServer } from '../../../src/lab/git/gitServer';
import { startRegistry } from '../../../src/lab/registry/registry';
import { parseYaml } from '../../../src/manifests/documents';
import { makeTemporaryFolder, removeTemporaryFolder } from '../temporaryFolder';
import { describeForge, type ForgeWorld } from './forgeContract';

const token = 'lab-token';

async function openLabForge(): Promise<ForgeWorld> {
  const folder = await makeTemporaryFolder();
  const gitRoot = join(folder, 'git');
  await mkdir(gitRoot);
  const registry = await startRegistry({ folder: join(folder, 'registry'), port: 0 });
  const git = await startGitServer({ root: gitRoot, port: 0 });
  const hosts = { registryUrl: `http://${registry.host}`, gitUrl: git.baseUrl };
  const content = { ...hosts, folder: gitRoot, forgeUrl: 'http://127.0.0.1:9', now: Date.now(), seed: 'contract' };
  const { tags } = await createContent(content);
  const protectedBranches: string[] = [];
  const lab = await startForge({ ...hosts, folder, gitRoot, port: 0, token, stepMs: 5, protectedBranches });
  const clone = join(folder, 'clone');
  await cloneWorkspace({ url: git.url('backend'), folder: clone });
  const access = { fetch, clock: systemClock, logger: silentLogger, apiUrl: lab.apiUrl, token: async () => token };
  return {
    forge: openForge('github', access, (text) => parseYaml(text)[0]?.toJS()),
    at: { owner: 'acme', repository: 'backend' },
    clone,
    stagingTag: tags.backend.staging.at(-1) ?? '',
    merge: async (number) => {
      const url = `${lab.apiUrl}/repos/acme/backend/pulls/${number}/merge`;
      const answer = await fetch(url, { method: 'PUT', body: '{}', headers: { authorization: `Bearer ${token}` } });
      assert.equal(answer.status, 200, await answer.text());
    },
    protectMain: async () => void protectedBranches.push('main'),
    stop: async () => {
      await lab.stop();
      await Promise.all([git.stop(), registry.stop()]);
      await removeTemporaryFolder(folder);
    },
  };
}

describeForge("the lab's forge", openLabForge);
