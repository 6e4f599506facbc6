// A small world for the controllers: a Git remote, a registry and a cluster, with short intervals declared in the
// manifests. One service, one environment; everything a test does is a push, a registry request or an API call.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { textAt } from '../../../src/lab/cluster/json';
import type { KubeObject, Ref } from '../../../src/lab/cluster/object';
import { Store } from '../../../src/lab/cluster/store';
import { type ControllerConstants, realConstants } from '../../../src/lab/controllers/constants';
import { startControllers } from '../../../src/lab/controllers/controllers';
import { Workloads } from '../../../src/lab/controllers/workloads';
import { makeBareRepository } from '../../../src/lab/git/bareRepository';
import { startGitServer } from '../../../src/lab/git/gitServer';
import { runGit } from '../../../src/lab/git/labGit';
import { resolveImage } from '../../../src/lab/imagePull';
import { pushImage } from '../../../src/lab/registry/pushImage';
import { startRegistry } from '../../../src/lab/registry/registry';
import { until } from '../until';
import { worldFiles } from './worldFiles';

export interface World {
  readonly store: Store;
  readonly image: string;
  readonly gitUrl: string;
  /** Errors that reconciles should have handled. */
  readonly bugs: readonly unknown[];
  get(kind: string, name?: string, namespace?: string): KubeObject | undefined;
  /** Edits files on the newest `main`, pushes and nudges the GitRepository; returns the commit. */
  push(message: string, edits: Readonly<Record<string, (text: string) => string>>): Promise<string>;
  pushTag(tag: string): Promise<void>;
  /** Of the remote's `main`, newest first: `author: subject`. */
  log(range?: string, format?: string): Promise<readonly string[]>;
  /** Of a file on the remote's `main`. */
  remoteText(path: string, branch?: string): Promise<string>;
  /** What production's overlay says there. */
  writtenTag(): Promise<string>;
  runningImage(): string | undefined;
  /** The whole message of the newest commit. */
  lastMessage(): Promise<string>;
  nudge(kind: string, name?: string, namespace?: string, token?: string): void;
  wait<T>(what: string, condition: () => T | undefined | false | Promise<T | undefined | false>): Promise<T>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly constants?: Partial<ControllerConstants>;
  readonly tags: readonly string[];
  /** Changes of the files before the first commit. */
  readonly files?: (files: Record<string, string>) => Record<string, string>;
}

export const testConstants: ControllerConstants = {
  ...realConstants,
  retryMinMs: 100,
  healthPollMs: 100,
  leastTimeoutMs: 1000,
  requeueDependencyMs: 500,
};

export async function startWorld({ constants = {}, tags, files = (all) => all }: WorldOptions): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'flux-promote-'));
  const registry = await startRegistry({ folder: join(folder, 'registry'), port: 0 });
  const registryUrl = `http://${registry.host}`;
  const image = `${registry.host}/acme/backend`;
  await makeBareRepository(join(folder, 'git', 'flux.git'));
  const git = await startGitServer({ root: join(folder, 'git'), port: 0 });
  const gitUrl = git.url('flux');
  const workspace = join(folder, 'workspace');
  await runGit(['clone', '-q', gitUrl, workspace]);
  await runGit(['checkout', '-q', '-B', 'main'], { cwd: workspace });
  await runGit(['config', 'user.name', 'Ada'], { cwd: workspace });
  await runGit(['config', 'user.email', 'ada@example.invalid'], { cwd: workspace });
  const store = new Store();
  const bugs: unknown[] = [];
  const pushTag = async (tag: string): Promise<void> => {
    await pushImage({ registryUrl, name: 'acme/backend', tag, labels: {}, created: 0, salt: tag });
  };
  for (const tag of tags) await pushTag(tag);
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(workspace, path)), { recursive: true });
    await writeFile(join(workspace, path), text);
  };
  const commit = async (message: string): Promise<string> => {
    await runGit(['add', '-A'], { cwd: workspace });
    await runGit(['commit', '-q', '--allow-empty', '-m', message], { cwd: workspace });
    await runGit(['push', '-q', 'origin', 'HEAD:main'], { cwd: workspace });
    return (await runGit(['rev-parse', 'HEAD'], { cwd: workspace })).trim();
  };
  const remote = (...args: readonly string[]): Promise<string> =>
    runGit(['--git-dir', join(folder, 'git', 'flux.git'), ...args]);
  const pull = async (): Promise<void> => {
    await runGit(['fetch', '-q', 'origin', 'main'], { cwd: workspace });
    await runGit(['reset', '-q', '--hard', 'FETCH_HEAD'], { cwd: workspace });
  };
  const all = files({ ...worldFiles(image, tags[0] ?? 'latest') });
  for (const [path, text] of Object.entries(all)) await write(path, text);
  await commit('first');

  for (const object of bootstrap(gitUrl)) store.create(object, { fieldManager: 'flux' });
  const workloads = new Workloads(store, { resolveImage, stepMs: 5 });
  const controllers = await startControllers({
    store,
    cache: join(folder, 'cache'),
    constants: { ...testConstants, ...constants },
    onBug: (error) => bugs.push(error),
  });
  const ref = (kind: string, name: string, namespace: string): Ref => ({ kind, name, namespace });
  const get = (kind: string, name = 'backend', namespace = 'production'): KubeObject | undefined =>
    store.get(ref(kind, name, namespace));
  const nudge: World['nudge'] = (
    kind,
    name = 'backend',
    namespace = 'production',
    token = new Date().toISOString(),
  ) => {
    const annotations = { 'reconcile.fluxcd.io/requestedAt': token };
    const body = { metadata: { annotations } };
    store.patch(ref(kind, name, namespace), { type: 'merge', body }, { fieldManager: 'test' });
  };
  return {
    store,
    image,
    gitUrl,
    bugs,
    get,
    push: async (message, edits) => {
      for (let attempt = 1; ; attempt += 1) {
        await pull();
        for (const [path, edit] of Object.entries(edits)) {
          const text = await readFile(join(workspace, path), 'utf8').catch(() => '');
          await write(path, edit(text));
        }
        try {
          const pushed = await commit(message);
          nudge('GitRepository', 'flux-system', 'flux-system');
          return pushed;
        } catch (error) {
          if (attempt === 5) throw error; // the automation was faster
        }
      }
    },
    pushTag,
    log: async (range = 'main', format = '%an: %s') =>
      (await remote('log', `--format=${format}`, range)).trim().split('\n'),
    remoteText: (path, branch = 'main') => remote('show', `${branch}:${path}`),
    writtenTag: async () => {
      const text = await remote('show', 'main:apps/production/kustomization.yaml');
      return /newTag: (\S+)/.exec(text)?.[1] ?? '';
    },
    runningImage: () => {
      const containers = get('Deployment')?.spec?.['template'];
      return textAt(containers, 'spec', 'containers', 0, 'image');
    },
    lastMessage: async () => (await remote('log', '-1', '--format=%B', 'main')).replace(/\n\n$/, '\n'),
    nudge,
    wait: (what, condition) => until(condition, { timeoutMs: 30_000, what }),
    stop: async () => {
      await controllers.stop();
      workloads.dispose();
      await Promise.all([git.stop(), registry.stop()]);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function bootstrap(gitUrl: string): readonly KubeObject[] {
  const metadata = { name: 'flux-system', namespace: 'flux-system' };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } },
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata,
      spec: { interval: '300ms', url: gitUrl, ref: { branch: 'main' } },
    },
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata,
      spec: {
        interval: '10m',
        path: './clusters/lab',
        prune: true,
        sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      },
    },
  ];
}
