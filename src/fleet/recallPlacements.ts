// The placements of one environment, again and again: only those are looked at of which there is news, and derived anew where it
// concerns them.
import type { Facts, RepositoryFacts } from '../model/facts';
import type { Placement } from '../model/fleet';
import { type Reading, saysTheSame } from '../model/reading';
import { cloneOf, type PlacementInClone } from './declared';
import { type DerivedEnvironment, type DerivedPlacement, type FleetMemory, isSameInputs } from './fleetMemory';
import { historyOf } from './historyOf';
import { newsOfCluster, type SeenCluster, Sight, seeTheSame } from './sight';

export interface RecallScope {
  readonly facts: Facts;
  readonly context: string | undefined;
  readonly cluster: SeenCluster;
  readonly memory: FleetMemory;
  readonly derive: (one: PlacementInClone, repository: RepositoryFacts, sight: Sight) => Placement;
}

export function recallPlacements(members: readonly PlacementInClone[], scope: RecallScope): readonly Placement[] {
  const { facts, context, cluster, memory } = scope;
  const settings = [facts.settings, context];
  const sources = [facts.registry, facts.forges, ...facts.repositories];
  const found = memory.environments.get(members);
  const before = found !== undefined && isSameInputs(found.settings, settings) ? found : undefined;
  const derived = before?.derived.slice() ?? [];
  const changed: number[] = [];
  for (const place of placesWithNews(before, sources, scope) ?? members.keys()) {
    const one = members[place];
    const was = derived[place];
    if (one === undefined) continue;
    derived[place] = recallPlacement(one, was, before?.cluster, scope);
    if (derived[place] !== was) changed.push(place);
  }
  const isSame = before !== undefined && changed.length === 0;
  const placements = isSame ? before.placements : derived.map(({ placement }) => placement);
  const isLookedUpAsBefore = changed.every((place) => takeTheSame(before?.derived[place], derived[place]));
  const lookers = before !== undefined && isLookedUpAsBefore ? before.lookers : lookersOf(derived);
  memory.environments.set(members, { settings, sources, cluster, derived, lookers, placements });
  return placements;
}

/** Undefined where it may be any of them. */
function placesWithNews(
  before: DerivedEnvironment | undefined,
  sources: readonly unknown[],
  { cluster, memory }: RecallScope,
): ReadonlySet<number> | undefined {
  if (before === undefined || !isSameInputs(before.sources, sources)) return undefined;
  const news = newsOfCluster(before.cluster, cluster, memory.index);
  return news && new Set([...news].flatMap((topic) => before.lookers.get(topic) ?? []));
}

function recallPlacement(
  one: PlacementInClone,
  before: DerivedPlacement | undefined,
  clusterBefore: SeenCluster | undefined,
  { facts, cluster, memory, derive }: RecallScope,
): DerivedPlacement {
  const repository = cloneOf(facts, one);
  const readings = [
    facts.registry.get(one.image),
    facts.forges.get(one.image),
    repository.content,
    historyOf(repository, one.declared),
  ];
  const others = [repository.branch, repository.lineOrigins];
  if (
    before !== undefined &&
    clusterBefore !== undefined &&
    isSameInputs(before.others, others) &&
    readings.every((reading, at) => saysTheSame(reading, before.readings[at])) &&
    seeTheSame(before.taken, clusterBefore, cluster)
  ) {
    const placement = seenAgain(before.placement, repository.content, cluster);
    return placement === before.placement ? before : { ...before, placement };
  }
  const sight = new Sight(cluster, memory.index);
  const placement = derive(one, repository, sight);
  return { readings, others, taken: sight.taken, placement };
}

/** Cells are as old as what they were read from: they are seen again with it. */
function seenAgain(placement: Placement, content: Reading<unknown>, cluster: SeenCluster): Placement {
  const ofCluster = 'code' in cluster ? undefined : cluster;
  const selected = withAge(placement.selected, ofCluster?.imagePolicies);
  const written = withAge(placement.written, content);
  const running = withAge(placement.running, ofCluster?.deployments);
  const isSame = selected === placement.selected && written === placement.written && running === placement.running;
  return isSame ? placement : { ...placement, selected, written, running };
}

function withAge<T>(cell: Reading<T>, source: Reading<unknown> | undefined): Reading<T> {
  if (source?.state !== 'known' || cell.state !== 'known' || cell.at === 0 || cell.at >= source.at) return cell;
  return { ...cell, at: source.at };
}

/** Nearly always: an object in another state is looked up as before. */
function takeTheSame(before: DerivedPlacement | undefined, now: DerivedPlacement | undefined): boolean {
  if (before?.taken === now?.taken) return true;
  return (
    before?.taken.length === now?.taken.length &&
    before?.taken.every(({ of }, at) => of === now?.taken[at]?.of) === true
  );
}

function lookersOf(derived: readonly DerivedPlacement[]): ReadonlyMap<string, readonly number[]> {
  const lookers = new Map<string, number[]>();
  for (const [place, { taken }] of derived.entries()) {
    for (const { of } of taken) {
      const places = lookers.get(of);
      if (places === undefined) lookers.set(of, [place]);
      else places.push(place);
    }
  }
  return lookers;
}
