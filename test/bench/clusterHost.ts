// What an editor's host does with one large cluster, in a process of its own: reads and watches it, and derives the fleet after
// each change. Driven by `cluster.bench.ts`.
import { systemClock } from '../../src/base/clock';
import { coalesce } from '../../src/base/coalesce';
import { kubeReader } from '../../src/base/kubernetes/client';
import { connectCluster } from '../../src/base/kubernetes/connection';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { silentLogger } from '../../src/base/logger';
import { deriveFleet } from '../../src/fleet/deriveFleet';
import { fleetMemory } from '../../src/fleet/fleetMemory';
import { valueOf } from '../../src/model/reading';
import { defaultSettings } from '../../src/model/settings';
import { ClusterSource } from '../../src/sources/cluster';
import { deriveShown } from '../../src/sources/shown';
import { factsOf, seededRepository } from './seededFiles';

export interface HostReport {
  readonly kind: 'ready' | 'complete' | 'shown' | 'usage';
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Environment and service, and the tag that is shown as selected. */
  readonly selected?: readonly (readonly [placement: string, tag: string])[];
  readonly rssBytes?: number;
  readonly cpuMicroseconds?: number;
}

const [, , kubeconfig = '', context = '', services = '0'] = process.argv;
const repository = seededRepository(Number(services));
const memory = fleetMemory();
const report = (report: HostReport): void => void process.send?.(report);
const usage = (): HostReport => {
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  return { kind: 'usage', at: Date.now(), rssBytes: process.memoryUsage().rss, cpuMicroseconds: user + system };
};

process.on('message', (message) => {
  if (message === 'usage') report(usage());
  if (message === 'begin') begin();
});
report({ ...usage(), kind: 'ready' });

function begin(): void {
  const connection = connectCluster(loadKubeconfig({ path: kubeconfig, environment: {} }).access(context));
  const before = new Map<string, string>();
  let isComplete = false;
  const show = (): void => {
    const { facts } = source;
    const { context: _context, gaps: _gaps, ...kinds } = facts;
    const fleet = deriveFleet(factsOf(repository, facts), memory);
    const selected = fleet.environments.flatMap(({ name, placements }) =>
      placements.flatMap((placement) => {
        const place = `${name}/${placement.service}`;
        const tag = valueOf(placement.selected)?.tag;
        if (tag === undefined || before.get(place) === tag) return [];
        before.set(place, tag);
        return [[place, tag] as const];
      }),
    );
    if (isComplete) report({ kind: 'shown', at: Date.now(), selected });
    else if (Object.values(kinds).every(({ state }) => state === 'known') && valueOf(facts.pods)?.length !== 0) {
      isComplete = true;
      report({ ...usage(), kind: 'complete', selected });
    }
  };
  const told = coalesce(systemClock, show);
  const source = new ClusterSource({
    reader: kubeReader(connection),
    onChange: () => told.tell(),
    clock: systemClock,
    logger: silentLogger,
  });
  source.lookAt(deriveShown([repository], defaultSettings));
}
