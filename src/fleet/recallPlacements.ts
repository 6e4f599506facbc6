// The placements of one environment, again and again: only those are looked at of which there is news, and derived anew where it
// concerns them.
import { isSameList, placesByKey } from '../model/collections';
import type { Facts, RepositoryFacts } from '../model/facts';
import type { Placement } from '../model/fleet';
import { type Reading, saysTheSame } from '../model/reading';
import { cloneOf, type PlacementInClone } from './declared';
import { type DerivedEnvironment, type DerivedPlacement, type FleetMemory } from './fleetMemory';
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
  const before = found !== undefined && isSameList(found.settings, settings) ? found : undefined;
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
  // Nearly always: an object in another state is looked up as before.
  const isLookedUpAsBefore =
    before !== undefined &&
    changed.every((place) => isSameList(topicsOf(before.derived[place]), topicsOf(derived[place])));
  const lookers = isLookedUpAsBefore ? before.lookers : placesByKey(derived, topicsOf);
  memory.environments.set(members, { settings, sources, cluster, derived, lookers, placements });
  return placements;
}

/** Undefined where it may be any of them. */
function placesWithNews(
  before: DerivedEnvironment | undefined,
  sources: readonly unknown[],
  { cluster, memory }: RecallScope,
): ReadonlySet<number> | undefined {
  if (before === undefined || !isSameList(before.sources, sources)) return undefined;
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
    isSameList(before.others, others) &&
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

function topicsOf(derived: DerivedPlacement | undefined): readonly string[] {
  return derived?.taken.map(({ of }) => of) ?? [];
}
