// A practice lab for one suite: made by the built program, opened like a user opens it, and observed from outside through
// Git, the API (by kubectl's own client, or ours) and the registry.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../scripts/paths';

const run = promisify(execFile);

export interface SuiteLab {
  readonly folder: string;
  /** The clone that the window opens. */
  readonly workspace: string;
  git(...given: readonly string[]): Promise<string>;
  /** The lab's own command line: `break`, … */
  program(...given: readonly string[]): Promise<string>;
  /** A text file of the clone. */
  read(path: string): Promise<string>;
  remove(): Promise<void>;
}

const program = join(root, 'dist', 'lab.js');

export async function makeLab(): Promise<SuiteLab> {
  const folder = await mkdtemp(join(tmpdir(), 'flux-promote-lab-'));
  const runLab = async (...given: readonly string[]): Promise<string> => {
    const { stdout } = await run(process.execPath, [program, ...given]);
    return stdout;
  };
  await runLab('create', folder);
  const workspace = join(folder, 'workspace', 'flux');
  return {
    folder,
    workspace,
    git: (...given) => runGit(workspace, given),
    program: (command = '', ...rest) => runLab(command, folder, ...rest),
    read: (path) => readFile(join(workspace, path), 'utf8'),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** The window fetches by itself: of two that move one reference at the same moment Git refuses one, which asks again. */
async function runGit(folder: string, given: readonly string[], triesLeft = 5): Promise<string> {
  try {
    return (await run('git', ['-C', folder, ...given])).stdout.trim();
  } catch (error) {
    const isLate = error instanceof Error && /cannot lock ref/.test(error.message);
    if (!isLate || triesLeft === 0) throw error;
    return await runGit(folder, given, triesLeft - 1);
  }
}
