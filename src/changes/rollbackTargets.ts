// The tags that a placement can go back to, from the history of its line, with what stands in the way of one.
import { declaredPlacements } from '../fleet/declared';
import { unpinnedSpec } from '../manifests/pin';
import type { Facts, TagChange } from '../model/facts';
import type { Fleet, Placement } from '../model/fleet';
import { canonicalImage } from '../model/image';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { select } from '../policy/select';
import { deriveRepaired } from './rollback/repaired';

export interface RollbackTarget {
  readonly tag: string;
  /** What the tag is in the registry now, once asked; for a tag that moves, which image it was. */
  readonly digest?: string;
  /** The change that last brought the tag here. */
  readonly change: TagChange;
  /** Why it cannot be chosen. */
  readonly obstacle?: string;
  /** What else has changed in this environment since it was replaced: services, and how often. */
  readonly since: readonly string[];
}

/** Earlier tags of the placement, newest first; each tag once, however often it stood there. */
export function rollbackTargets(fleet: Fleet, facts: Facts, placement: Placement): readonly RollbackTarget[] {
  const registry = valueOf(facts.registry.get(canonicalImage(placement.image)));
  const obstacleOf = obstacles(facts, placement, registry?.tags);
  const seen = new Set([valueOf(placement.written)?.tag]);
  const targets: RollbackTarget[] = [];
  let replacedAt: number | undefined;
  for (const change of valueOf(placement.history) ?? []) {
    const before = replacedAt;
    replacedAt = change.commit.at;
    if (seen.has(change.to)) continue;
    seen.add(change.to);
    targets.push({
      tag: change.to,
      change,
      ...optional('digest', valueOf(registry?.digests.get(change.to))),
      ...optional('obstacle', obstacleOf(change.to)),
      since: before === undefined ? [] : changedSince(fleet, placement, before),
    });
  }
  return targets;
}

function obstacles(facts: Facts, placement: Placement, tags: readonly string[] | undefined) {
  const { service, environment } = placement;
  const found = declaredPlacements(facts).find(
    ({ declared: one }) => one.service === service && one.environment === environment,
  );
  const repaired = found && deriveRepaired(placement, found.content, facts.settings);
  const policy = (repaired?.here ?? found?.declared)?.policy;
  const spec = policy && unpinnedSpec(policy.object);
  return (tag: string): string | undefined => {
    if (tags === undefined) return 'the registry does not answer';
    if (!tags.includes(tag)) return 'it is not in the registry';
    const takes =
      spec === undefined || select(spec, [tag], { exclude: [], flux: facts.settings.fluxVersion }).kind === 'tag';
    return takes ? undefined : 'the policy takes no such tag: it is a placeholder';
  };
}

/** Other services of the environment whose tag has changed since a time. */
function changedSince(fleet: Fleet, { service, environment }: Placement, since: number): readonly string[] {
  const others = fleet.environments.find(({ name }) => name === environment)?.placements ?? [];
  return others.flatMap((one) => {
    const count = (valueOf(one.history) ?? []).filter(({ commit }) => commit.at >= since).length;
    if (one.service === service || count === 0) return [];
    return [count === 1 ? one.service : `${one.service} (${count} times)`];
  });
}
