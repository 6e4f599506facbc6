// What an editor's host does with one large cluster, in a process of its own: observes a clone and the cluster, derives the fleet
// and its rows after each change. Bundled as the extension is; driven by `cluster.bench.ts`.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock';
import { gitReader } from '../../src/base/git/reader';
import { gitRun } from '../../src/base/git/run';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { silentLogger } from '../../src/base/logger';
import { registryClient } from '../../src/base/registry/client';
import { ClusterAccess } from '../../src/editor/clusterAccess';
import { watchWorld } from '../../src/editor/world';
import { RowMemory, rowsByEnvironment } from '../../src/fleet/rows';
import { readManifests } from '../../src/manifests/repository';
import type { ClusterFacts } from '../../src/model/facts';
import { valueOf } from '../../src/model/reading';
import { defaultSettings } from '../../src/model/settings';
import { lacksHistories } from '../../src/sources/histories';
import { Observer } from '../../src/sources/observer';

export interface HostReport {
  readonly kind: 'ready' | 'complete' | 'shown' | 'usage';
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Environment and service, and the tag that is shown as selected. */
  readonly selected?: readonly (readonly [placement: string, tag: string])[];
  readonly rssBytes?: number;
  readonly cpuMicroseconds?: number;
}

const [, , kubeconfig = '', context = '', clone = ''] = process.argv;
const report = (report: HostReport): void => void process.send?.(report);
const usage = (): HostReport => {
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  return { kind: 'usage', at: Date.now(), rssBytes: process.memoryUsage().rss, cpuMicroseconds: user + system };
};

const clusters = new ClusterAccess({
  load: async () => loadKubeconfig({ path: kubeconfig, environment: {} }),
  assertWritable: () => undefined,
  clock: systemClock,
  logger: silentLogger,
});
const observer = new Observer({
  repositories: [
    {
      folder: clone,
      reader: (folder) => gitReader(folder, gitRun({ folder, environment: process.env, logger: silentLogger })),
      readManifests,
      clock: systemClock,
      logger: silentLogger,
    },
  ],
  scope: { settings: defaultSettings, contexts: new Map() },
  watchCluster: (name, onChange) => clusters.watch(name, onChange),
  registry: registryClient({
    fetch: async () => {
      // Even a refusal takes a turn.
      await nextTurn();
      throw new TypeError('There is no registry here');
    },
    clock: systemClock,
    credentials: async () => undefined,
    isPlainHttp: () => false,
  }),
  forge: () => undefined,
  clock: systemClock,
  logger: silentLogger,
});
const world = watchWorld(observer);
const memory = new RowMemory();
const drawn = new WeakSet<object>();

function show(before: Map<string, string>): HostReport['selected'] {
  rowsByEnvironment(world.fleet, Date.now(), memory);
  return world.fleet.environments.flatMap(({ name, placements }) =>
    placements.flatMap((placement) => {
      if (drawn.has(placement)) return [];
      drawn.add(placement);
      const tag = valueOf(placement.selected)?.tag;
      const place = `${name}/${placement.service}`;
      if (tag === undefined || before.get(place) === tag) return [];
      before.set(place, tag);
      return [[place, tag] as const];
    }),
  );
}

function begin(): void {
  const shown = new Map<string, string>();
  let isComplete = false;
  world.onDidChange(() => {
    const selected = show(shown) ?? [];
    const facts = world.facts.clusters.get(context);
    if (isComplete) {
      if (selected.length > 0) report({ kind: 'shown', at: Date.now(), selected });
    } else if (facts !== undefined && valueOf(facts.pods)?.length !== 0 && isKnown(facts)) {
      isComplete = true;
      report({ ...usage(), kind: 'complete', selected });
    }
  });
  observer.configure({ settings: defaultSettings, contexts: new Map(), defaultContext: context });
}

function isKnown({ context: _context, gaps: _gaps, ...kinds }: ClusterFacts): boolean {
  return Object.values(kinds).every(({ state }) => state === 'known');
}

process.on('message', (message) => {
  if (message === 'usage') report(usage());
  if (message === 'begin') begin();
});

/** Idle is a host that has read the clone with all its histories, and shows it without a cluster. */
async function prepare(): Promise<void> {
  await clusters.load();
  observer.interest();
  await observer.refresh(new AbortController().signal);
  const isRead = (): boolean => !world.facts.repositories.some(lacksHistories);
  while (!isRead()) await new Promise<void>((resolve) => world.onDidChange(resolve));
  show(new Map());
  report({ ...usage(), kind: 'ready' });
}

void prepare();
