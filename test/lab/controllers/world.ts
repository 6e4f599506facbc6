// A small world for the controllers: a Git remote, a registry and a cluster, with short intervals declared in the
// manifests. One service, one environment; everything a test does is a push, a registry request or an API call. So the same
// suites run in two worlds: on the lab's controllers, and in `npm run test:live` on Flux's own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textAt } from '../../../src/lab/cluster/json';
import type { KubeObject, Ref } from '../../../src/lab/cluster/object';
import type { Patch } from '../../../src/lab/cluster/patch';
import type { ControllerConstants } from '../../../src/lab/controllers/constants';
import { pushImage } from '../../../src/lab/registry/pushImage';
import { isLive } from '../isLive';
import { until } from '../until';
import { startLabCluster } from './labCluster';
import { startLiveCluster } from './liveCluster';
import { bootstrap, type Pace, worldFiles } from './worldFiles';
import { makeRepository, type WorldRepository } from './worldRepository';

export interface World extends WorldRepository {
  readonly image: string;
  readonly gitUrl: string;
  /** Errors that reconciles should have handled; always empty where the controllers are not ours. */
  readonly bugs: readonly unknown[];
  /** As the cluster had it last, a moment ago at the most. */
  get(kind: string, name?: string, namespace?: string): KubeObject | undefined;
  /** Calls with every change of a kind from now on; returns what ends that. */
  watch(kind: string, listener: (object: KubeObject) => void): () => void;
  patch(ref: Ref, patch: Patch, fieldManager: string): Promise<void>;
  nudge(kind: string, name?: string, namespace?: string, token?: string): Promise<void>;
  pushTag(tag: string): Promise<void>;
  runningImage(): string | undefined;
  wait<T>(what: string, condition: () => T | undefined | false | Promise<T | undefined | false>): Promise<T>;
  stop(): Promise<void>;
}

/** What differs between the two worlds. Names are those of the manifests, whatever they are in a shared cluster. */
export interface WorldCluster extends Pick<World, 'gitUrl' | 'bugs' | 'get' | 'watch' | 'patch'> {
  readonly registryHost: string;
  /** Below the registry's host. */
  readonly imageName: string;
  /** The bare repository's folder. */
  readonly repository: string;
  readonly pace: Pace;
  /** Texts of manifests as they go into the cluster's repository, and back. */
  readonly rename: { out(text: string): string; back(text: string): string };
  create(object: KubeObject): Promise<void>;
  /** Lets the controllers look, once there is something to see. */
  begin(): Promise<void>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** Of the lab's controllers; Flux's own have theirs compiled in. */
  readonly constants?: Partial<ControllerConstants>;
  readonly tags: readonly string[];
  /** Instead of the world's own. */
  readonly pace?: Partial<Pace>;
  /** Sees all changes of these kinds, from before anything is there. */
  readonly observer?: { readonly kinds: readonly string[]; readonly see: (kind: string, object: KubeObject) => void };
  /** Changes of the files before the first commit. */
  readonly files?: (files: Record<string, string>) => Record<string, string>;
}

/** Of a test, a hook or a wait: real controllers poll health every five seconds and wait at least 30 s for it. */
export const patience = isLive ? { testMs: 600_000, waitMs: 150_000 } : { testMs: 120_000, waitMs: 60_000 };

export async function startWorld(options: WorldOptions): Promise<World> {
  const { constants, tags, observer, files = (all) => all } = options;
  const folder = await mkdtemp(join(tmpdir(), 'flux-promote-'));
  const cluster = await (isLive ? startLiveCluster(folder) : startLabCluster(folder, constants));
  const { get, patch, gitUrl, registryHost, imageName } = cluster;
  const image = `${registryHost}/${imageName}`;
  const pace = { ...cluster.pace, ...options.pace };
  for (const kind of observer?.kinds ?? []) cluster.watch(kind, (object) => observer?.see(kind, object));
  const pushTag = async (tag: string): Promise<void> => {
    const registryUrl = `http://${registryHost}`;
    await pushImage({ registryUrl, name: imageName, tag, labels: {}, created: 0, salt: tag });
  };
  for (const tag of tags) await pushTag(tag);
  const nudge: World['nudge'] = async (
    kind,
    name = 'backend',
    namespace = 'production',
    token = new Date().toISOString(),
  ) => {
    const annotations = { 'reconcile.fluxcd.io/requestedAt': token };
    await patch({ kind, name, namespace }, { type: 'merge', body: { metadata: { annotations } } }, 'test');
  };
  const repository = await makeRepository({
    folder: join(folder, 'workspace'),
    remote: cluster.repository,
    gitUrl,
    rename: cluster.rename,
    files: files({ ...worldFiles(image, tags[0] ?? 'latest', pace) }),
    pushed: () => nudge('GitRepository', 'flux-system', 'flux-system'),
  });
  for (const object of bootstrap(gitUrl, pace)) await cluster.create(object);
  await cluster.begin();
  return {
    ...repository,
    image,
    gitUrl,
    bugs: cluster.bugs,
    get,
    watch: cluster.watch,
    patch,
    nudge,
    pushTag,
    runningImage: () => {
      const template = get('Deployment', 'backend', 'production')?.spec?.['template'];
      return textAt(template, 'spec', 'containers', 0, 'image');
    },
    wait: (what, condition) => until(condition, { timeoutMs: patience.waitMs, what }),
    stop: async () => {
      await cluster.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
