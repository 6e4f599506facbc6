// One delivery in a field: a repository, a namespace, an image; healthy but for what a draft changes before it is made.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { systemClock } from '../../../src/base/clock';
import { gitReader } from '../../../src/base/git/reader';
import { gitRun } from '../../../src/base/git/run';
import { silentLogger } from '../../../src/base/logger';
import { registryClient } from '../../../src/base/registry/client';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { type Explanation, explain } from '../../../src/fleet/explain/explanation';
import { isObject, type Json, type JsonObject, textAt } from '../../../src/lab/cluster/json';
import { makeBareRepository } from '../../../src/lab/git/bareRepository';
import { runGit } from '../../../src/lab/git/labGit';
import { pushImage } from '../../../src/lab/registry/pushImage';
import { readManifests } from '../../../src/manifests/repository';
import {
  type ClusterFacts,
  type Facts,
  type ForgeFacts,
  historyKey,
  type RepositoryFacts,
} from '../../../src/model/facts';
import { known, mapReading } from '../../../src/model/reading';
import { defaultSettings } from '../../../src/model/settings';
import { readTimeline } from '../../../src/sources/histories';
import { RegistrySource } from '../../../src/sources/registry';
import { readRepositoryAt } from '../../../src/sources/repositoryAt';
import { until } from '../until';
import type { Field } from './field';
import { plotFiles } from './plotFiles';

export interface Draft {
  /** `p7-production`: its environment is production. */
  readonly namespace: string;
  readonly image: string;
  /** By path; the objects in `images/` and `sync/` are given to the cluster as they stand here. */
  files: Record<string, string>;
  /** In the registry. */
  tags: readonly string[];
  /** Objects that the cluster has beside those of `images/` and `sync/`. */
  more: readonly string[];
  /** Files that Git has and the cluster is not given. */
  withheld: readonly string[];
}

export const tag1 = 'production-v0.0.1-aaaaaaa-1700000100';
export const tag2 = 'production-v0.0.2-bbbbbbb-1700000200';

export interface Plot {
  readonly draft: Draft;
  readonly field: Field;
  readonly bare: string;
  /** Edits files on main, and asks Flux to fetch unless it is not to be told. */
  push(message: string, edits: Readonly<Record<string, (text: string) => string>>, how?: 'unannounced'): Promise<void>;
  /** Another history of main, without a word to Flux. */
  rewrite(message: string): Promise<void>;
  /** Pushes main's tip to another branch too. */
  branch(name: string): Promise<void>;
  /** Tags main's tip in Git. */
  tag(name: string): Promise<void>;
  pushTag(tag: string, image?: string): Promise<void>;
  nudge(kind: PlotKind, name?: string): Promise<void>;
  /** Gives the cluster what the manifests say. */
  create(text: string): Promise<void>;
  patch(kind: PlotKind, patch: JsonObject, manager?: string, name?: string): Promise<void>;
  path(kind: PlotKind, name?: string): string;
  explain(question?: PlotQuestion): Promise<Explanation>;
  /** Does it when the delivery is taken away. */
  afterwards(task: () => Promise<void>): void;
  /** Takes the delivery away, without waiting until it is gone. */
  remove(): Promise<void>;
  until(what: string, is: (said: Explanation) => boolean, question?: PlotQuestion): Promise<Explanation>;
}

export interface PlotQuestion {
  readonly wanted?: string;
  readonly forge?: ForgeFacts;
  /** Look from this much later. */
  readonly laterMs?: number;
  /** Judge by the tags that an earlier question has read. */
  readonly registry?: 'as it was read';
  /** Other images whose tags are known. */
  readonly images?: readonly string[];
}

export type PlotKind =
  | 'GitRepository'
  | 'Kustomization'
  | 'ImageRepository'
  | 'ImagePolicy'
  | 'ImageUpdateAutomation'
  | 'Deployment'
  | 'Pod';

const collections: Readonly<Record<PlotKind, readonly [string, string]>> = {
  GitRepository: ['apis/source.toolkit.fluxcd.io/v1', 'gitrepositories'],
  Kustomization: ['apis/kustomize.toolkit.fluxcd.io/v1', 'kustomizations'],
  ImageRepository: ['apis/image.toolkit.fluxcd.io/v1', 'imagerepositories'],
  ImagePolicy: ['apis/image.toolkit.fluxcd.io/v1', 'imagepolicies'],
  ImageUpdateAutomation: ['apis/image.toolkit.fluxcd.io/v1', 'imageupdateautomations'],
  Deployment: ['apis/apps/v1', 'deployments'],
  Pod: ['api/v1', 'pods'],
};

const patienceMs = 120_000;

export async function makePlot(field: Field, id: string, change: (draft: Draft) => void): Promise<Plot> {
  const namespace = `${id}-production`;
  const image = `${field.registry.host}/acme/${id}`;
  const files = plotFiles({ namespace, image, url: `${field.git.baseUrl}/${id}.git`, tag: tag1 });
  const draft: Draft = { namespace, image, files, tags: [tag1], more: [], withheld: [] };
  change(draft);
  const bare = join(field.git.root, `${id}.git`);
  await makeBareRepository(bare);
  let current = draft.files;
  const commit = async (message: string, next: Record<string, string>, parent?: string): Promise<void> => {
    await runGit(['fast-import', '--quiet', '--force'], { cwd: bare, input: formatCommit(message, next, parent) });
    current = next;
  };
  const pushTag = async (tag: string, name = image): Promise<void> => {
    const path = name.slice(field.registry.host.length + 1);
    await pushImage({ registryUrl: field.registry.url, name: path, tag, labels: {}, created: 0, salt: tag });
  };
  for (const tag of draft.tags) await pushTag(tag);
  await commit('Begin', draft.files);
  const at = (kind: string, name: string | undefined, inside = namespace): string => {
    const [group, plural] = collections[kind as PlotKind];
    return `/${group}/namespaces/${inside}/${plural}${name === undefined ? '' : `/${name}`}`;
  };
  const namespaces: string[] = [];
  const create = async (text: string): Promise<void> => {
    for (const document of parseAllDocuments(text)) {
      const object: Json = document.toJS();
      if (!isObject(object)) continue;
      const kind = textAt(object, 'kind') ?? '';
      const inside = textAt(object, 'metadata', 'namespace') ?? namespace;
      await field.api.create(kind === 'Namespace' ? '/api/v1/namespaces' : at(kind, undefined, inside), object);
      if (kind === 'Namespace') namespaces.push(textAt(object, 'metadata', 'name') ?? '');
    }
  };
  await create(`apiVersion: v1
kind: Namespace
metadata:
  name: ${namespace}
`);
  const given = Object.entries(draft.files).filter(
    ([file]) => /^(?:sync|images)\//.test(file) && !draft.withheld.includes(file),
  );
  for (const text of [...given.map(([, one]) => one), ...draft.more]) await create(text);
  const registry = new RegistrySource({
    client: registryClient({
      fetch,
      clock: systemClock,
      credentials: () => Promise.resolve(undefined),
      isPlainHttp: () => true,
    }),
    clock: systemClock,
    logger: silentLogger,
    onChange: () => {},
  });
  const source = {
    folder: bare,
    reader: (folder: string) => gitReader(folder, gitRun({ folder, environment: process.env, logger: silentLogger })),
    readManifests,
    clock: systemClock,
    logger: silentLogger,
  };
  let read: { readonly tip: string; readonly facts: RepositoryFacts } | undefined;
  const repository = async (): Promise<RepositoryFacts> => {
    const tip = (await tipOf(bare)) ?? '';
    if (read?.tip !== tip) {
      const found = await readRepositoryAt(source, 'main', AbortSignal.timeout(60_000));
      const [marker] = found.manifests.markers;
      const key = marker && historyKey(marker.file, marker.setter);
      const histories =
        key === undefined
          ? new Map()
          : new Map([[key, await readTimeline(source, found.facts, key, AbortSignal.timeout(60_000))]]);
      read = { tip, facts: { ...found.facts, histories, branch: 'main', remote: { name: 'origin', url: bare } } };
    }
    return read.facts;
  };
  const facts = async (question: PlotQuestion): Promise<Facts> => {
    const { forge, images = [] } = question;
    if (question.registry === undefined) await registry.read([image, ...images], 0, AbortSignal.timeout(30_000));
    return {
      settings: defaultSettings,
      contexts: new Map(),
      defaultContext: 'field',
      repositories: [await repository()],
      clusters: new Map([['field', only(namespace, await field.cluster())]]),
      registry: registry.images,
      forges: new Map(forge === undefined ? [] : [[image, known(forge, Date.now())]]),
    };
  };
  const tasks: (() => Promise<void>)[] = [];
  const plot: Plot = {
    draft,
    field,
    bare,
    push: async (message, edits, how) => {
      const written = await filesAt(bare);
      const changed = Object.entries(edits).map(
        ([file, edit]) => [file, edit(written[file] ?? current[file] ?? '')] as const,
      );
      await commit(message, { ...written, ...Object.fromEntries(changed) }, await tipOf(bare));
      if (how === undefined) await plot.nudge('GitRepository');
    },
    rewrite: async (message) => commit(message, await filesAt(bare)),
    branch: async (name) => {
      await runGit(['branch', name, 'main'], { cwd: bare });
    },
    tag: async (name) => {
      await runGit(['tag', name, 'main'], { cwd: bare });
    },
    pushTag,
    nudge: async (kind, name) => {
      const annotations = { 'reconcile.fluxcd.io/requestedAt': new Date().toISOString() };
      await plot.patch(kind, { metadata: { annotations } }, 'test', name);
    },
    create,
    patch: async (kind, patch, manager = 'test', name) => {
      await field.api.patch(plot.path(kind, name), patch, manager);
    },
    path: (kind, name = 'backend') => at(kind, name),
    afterwards: (task) => void tasks.push(task),
    remove: async () => {
      for (const task of tasks.toReversed()) await task();
      for (const name of namespaces) await field.api.remove(`/api/v1/namespaces/${name}`);
    },
    explain: async (question = {}) => {
      const seen = await facts(question);
      const fleet = deriveFleet(seen);
      const placement = fleet.environments.find(({ name }) => name === 'production')?.placements[0];
      if (placement === undefined) throw new Error(`${id} has no placement in production`);
      return explain(seen, fleet, placement, Date.now() + (question.laterMs ?? 0), question.wanted);
    },
    until: async (what, is, question) =>
      await until(
        async () => {
          const said = await plot.explain(question);
          if (is(said)) return said;
          throw new Error(
            `it says: ${said.faults.map(({ link, code, text }) => `${link} ${code}: ${text}`).join('; ') || said.verdict}`,
          );
        },
        { timeoutMs: patienceMs, what: `${id}: ${what}` },
      ),
  };
  return plot;
}

/** A plot is a cluster of its own: what other plots have is not there. */
function only(namespace: string, cluster: ClusterFacts): ClusterFacts {
  const mine = <T extends { readonly meta: { readonly namespace: string } }>(all: readonly T[]) =>
    all.filter(({ meta }) => meta.namespace === namespace || meta.namespace === `${namespace}-other`);
  return {
    context: cluster.context,
    gitRepositories: mapReading(cluster.gitRepositories, mine),
    kustomizations: mapReading(cluster.kustomizations, mine),
    imageRepositories: mapReading(cluster.imageRepositories, mine),
    imagePolicies: mapReading(cluster.imagePolicies, mine),
    imageUpdateAutomations: mapReading(cluster.imageUpdateAutomations, mine),
    deployments: mapReading(cluster.deployments, mine),
    replicaSets: mapReading(cluster.replicaSets, mine),
    pods: mapReading(cluster.pods, mine),
  };
}

async function tipOf(bare: string): Promise<string | undefined> {
  try {
    return (await readFile(join(bare, 'refs/heads/main'), 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function filesAt(bare: string): Promise<Record<string, string>> {
  const names = (await runGit(['ls-tree', '-r', '--name-only', 'main'], { cwd: bare })).trim().split('\n');
  const texts = await Promise.all(
    names.map(async (name) => [name, await runGit(['show', `main:${name}`], { cwd: bare })] as const),
  );
  return Object.fromEntries(texts);
}

function formatCommit(message: string, files: Record<string, string>, parent: string | undefined): string {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  return [
    'commit refs/heads/main\n',
    `committer Ada <ada@example.invalid> ${Math.floor(Date.now() / 1000)} +0000\n`,
    data(message),
    ...(parent === undefined ? [] : [`from ${parent}\n`]),
    'deleteall\n',
    ...Object.entries(files).map(([file, text]) => `M 100644 inline ${file}\n${data(text)}`),
  ].join('');
}

/** The pods of the plot's Deployment. */
export async function podNames(plot: Plot): Promise<readonly string[]> {
  const pods = await plot.field.api.list(plot.path('Pod', '').replace(/\/$/, ''));
  return pods.flatMap((pod) => textAt(pod, 'metadata', 'name') ?? []);
}
