// A practice lab for one suite: made by the built program, opened like a user opens it, and observed from outside through
// Git, the API (by kubectl's own client, or ours) and the registry.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../scripts/paths';
import { kubeReader, kubeWriter } from '../../src/base/kubernetes/client';
import { type ClusterConnection, connectCluster } from '../../src/base/kubernetes/connection';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { applySuspension } from '../../src/changes/applyCluster';
import { clusterPen } from '../../src/editor/clusterPen';
import { contextName } from '../../src/lab/lab';
import type { ObjectReference } from '../../src/model/flux';

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
  /** A text file of the branch that Flux follows, as it is now. */
  committed(path: string): Promise<string>;
  /** The tag that such a `kustomization.yaml` says. */
  writtenTag(path: string): Promise<string>;
  /** The lab's API. Dispose it. */
  connect(): ClusterConnection;
  /** Suspends in the cluster alone, as a person's own program would. */
  suspend(object: ObjectReference): Promise<void>;
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
  const committed = async (path: string): Promise<string> => {
    await runGit(workspace, ['fetch', '--quiet']);
    return await runGit(workspace, ['show', `origin/main:${path}`]);
  };
  const connect = (): ClusterConnection =>
    connectCluster(loadKubeconfig({ path: join(folder, 'kubeconfig'), environment: {} }).access(contextName));
  return {
    folder,
    workspace,
    git: (...given) => runGit(workspace, given),
    program: (command = '', ...rest) => runLab(command, folder, ...rest),
    read: (path) => readFile(join(workspace, path), 'utf8'),
    committed,
    writtenTag: async (path) => /newTag: (\S+)/.exec(await committed(path))?.[1] ?? '',
    connect,
    suspend: async (object) => {
      const connection = connect();
      const pen = clusterPen((use) => use({ reader: kubeReader(connection), writer: kubeWriter(connection) }));
      await applySuspension(object, 'suspended', pen, AbortSignal.timeout(30_000));
      connection.dispose();
    },
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
