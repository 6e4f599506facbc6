import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'mocha';
import { type ContentSummary, createContent } from '../../src/lab/content/createContent';
import { type ForgeOptions, type RunningForge, startForge } from '../../src/lab/forge/forge';
import { type RunningGitServer, startGitServer } from '../../src/lab/git/gitServer';
import { ForgeClient, labToken } from './forge/forgeClient';
import { openRegistry } from './registry/openRegistry';
import { makeTemporaryFolder, removeTemporaryFolder, withTemporaryFolder } from './temporaryFolder';

/** The practice lab without its cluster; in `npm run test:live` with a real registry. */
export interface LabWorld {
  readonly folder: string;
  /** The bare repositories. */
  readonly gitRoot: string;
  readonly git: RunningGitServer;
  readonly registryUrl: string;
  readonly summary: ContentSummary;
}

export const labNow = Date.UTC(2026, 10, 23, 12);

export function withLabWorld(body: (world: LabWorld) => Promise<void>): Promise<void> {
  return withTemporaryFolder(async (folder) => {
    const { world, stop } = await startLabWorld(folder);
    try {
      await body(world);
    } finally {
      await stop();
    }
  });
}

/** One world for all tests of the suite that calls it; they only look. */
export function shareLabWorld(): () => LabWorld {
  let folder: string | undefined;
  let running: RunningLabWorld | undefined;
  before(async () => {
    folder = await makeTemporaryFolder();
    running = await startLabWorld(folder);
  });
  after(async () => {
    await running?.stop();
    if (folder !== undefined) {
      await removeTemporaryFolder(folder);
    }
  });
  return () => {
    if (!running) {
      throw new Error('The shared lab is there only while its tests run.');
    }
    return running.world;
  };
}

interface RunningLabWorld {
  readonly world: LabWorld;
  readonly stop: () => Promise<void>;
}

async function startLabWorld(folder: string): Promise<RunningLabWorld> {
  const gitRoot = join(folder, 'git');
  await mkdir(gitRoot);
  const registry = await openRegistry(folder);
  const git = await startGitServer({ root: gitRoot, port: 0 });
  const stop = async () => {
    await git.stop();
    await registry.stop();
  };
  const content = {
    folder: gitRoot,
    registryUrl: registry.url,
    gitUrl: git.baseUrl,
    forgeUrl: 'http://127.0.0.1:9',
    now: labNow,
    seed: 'lab',
  };
  try {
    const summary = await createContent(content);
    return { world: { folder, gitRoot, git, registryUrl: registry.url, summary }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export function startLabForge(
  { folder, gitRoot, git, registryUrl }: LabWorld,
  options: Partial<ForgeOptions> = {},
): Promise<RunningForge> {
  const gitUrl = git.baseUrl;
  return startForge({ folder, port: 0, token: labToken, registryUrl, gitUrl, gitRoot, stepMs: 5, ...options });
}

/** A forge of its own, without any runs, on a world that may be shared. */
export async function withLabForge(
  world: LabWorld,
  body: (client: ForgeClient) => Promise<void>,
  options: Partial<ForgeOptions> = {},
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const forge = await startLabForge(world, { folder, ...options });
    try {
      await body(new ForgeClient(forge));
    } finally {
      await forge.stop();
    }
  });
}
