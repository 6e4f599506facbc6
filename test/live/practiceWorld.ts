// The practice lab's content on the live stack: the same repositories, builds and workflows, with real Flux instead of the lab's own
// controllers. The lab's forge serves both.
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneWorkspace, createContent } from '../../src/lab/content/createContent';
import { owner, services } from '../../src/lab/content/names';
import { startForge } from '../../src/lab/forge/forge';
import { runGit } from '../../src/lab/git/labGit';
import { drawToken } from '../../src/lab/state';
import { drawPorts } from './stack/ports';
import type { Stack } from './stack/stackState';

export interface PracticeWorld {
  /** The clone to open; its editor settings lead to all of it, and Git does not see them. */
  readonly workspace: string;
  /** `api` is `http://127.0.0.1:PORT`. */
  readonly forge: { readonly api: string; readonly token: string };
  /** Ends the forge; all else is the stack's. */
  readonly stop: () => Promise<void>;
}

const sync = 'main:flux/clusters/lab/flux-system/gotk-sync.yaml';

/** Once for a stack: the environments are its namespaces `develop`, `staging` and `production`. */
export async function openPracticeWorld(stack: Stack): Promise<PracticeWorld> {
  const { registry, git, folder } = stack;
  const [port = 0] = await drawPorts(1);
  const api = `http://127.0.0.1:${port}`;
  const token = drawToken();
  const workspace = join(folder, 'workspace', 'flux');
  const hosts = { registryUrl: registry.url, gitUrl: git.baseUrl };
  await createContent({ ...hosts, folder: git.root, forgeUrl: api, now: Date.now(), seed: 'live' });
  await cloneWorkspace({ url: `${git.baseUrl}/flux.git`, folder: workspace });
  const settings = {
    'fluxPromote.kubeconfig': stack.kubeconfig,
    'fluxPromote.forges': [{ api }],
    'fluxPromote.services': services.map((image) => ({ image, owner, repository: image })),
  };
  await mkdir(join(workspace, '.vscode'));
  await writeFile(join(workspace, '.vscode', 'settings.json'), JSON.stringify(settings, null, 2));
  await appendFile(join(workspace, '.git', 'info', 'exclude'), '/.vscode/\n');
  const forge = await startForge({ ...hosts, folder, port, token, gitRoot: git.root });
  try {
    const bootstrap = await runGit(['--git-dir', join(git.root, 'flux.git'), 'show', sync]);
    await stack.kubectl(['apply', '--server-side', '-f', '-'], bootstrap);
  } catch (error) {
    await forge.stop();
    throw error;
  }
  return {
    workspace,
    forge: { api, token },
    stop: () => forge.stop(),
  };
}
