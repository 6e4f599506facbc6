import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ContentSummary, createContent } from '../../src/lab/content/createContent';
import { type ForgeOptions, type RunningForge, startForge } from '../../src/lab/forge/forge';
import { type RunningGitServer, startGitServer } from '../../src/lab/git/gitServer';
import { startRegistry } from '../../src/lab/registry/registry';
import { withTemporaryFolder } from './temporaryFolder';

/** The practice lab without its cluster. */
export interface LabWorld {
  readonly folder: string;
  /** The bare repositories. */
  readonly gitRoot: string;
  readonly git: RunningGitServer;
  readonly registryUrl: string;
  readonly summary: ContentSummary;
}

export const labNow = Date.UTC(2026, 10, 23, 12);
export const labToken = 'lab-token';

export function withLabWorld(body: (world: LabWorld) => Promise<void>): Promise<void> {
  return withTemporaryFolder(async (folder) => {
    const gitRoot = join(folder, 'git');
    await mkdir(gitRoot);
    const registry = await startRegistry({ folder: join(folder, 'registry'), port: 0 });
    const git = await startGitServer({ root: gitRoot, port: 0 });
    const registryUrl = `http://${registry.host}`;
    try {
      const content = { folder: gitRoot, registryUrl, gitUrl: git.baseUrl, now: labNow, seed: 'lab' };
      await body({ folder, gitRoot, git, registryUrl, summary: await createContent(content) });
    } finally {
      await git.stop();
      await registry.stop();
    }
  });
}

export function startLabForge(
  { folder, gitRoot, git, registryUrl }: LabWorld,
  options: Partial<ForgeOptions> = {},
): Promise<RunningForge> {
  const gitUrl = git.baseUrl;
  return startForge({ folder, port: 0, token: labToken, registryUrl, gitUrl, gitRoot, stepMs: 5, ...options });
}
