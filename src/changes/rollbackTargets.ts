// The tags that a placement can go back to, from the history of its line.
import type { Facts, TagChange } from '../model/facts';
import type { Placement } from '../model/fleet';
import { canonicalImage } from '../model/image';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';

export interface RollbackTarget {
  readonly tag: string;
  /** The change that first brought the tag here. */
  readonly change: TagChange;
  /** Why it cannot be chosen. */
  readonly obstacle?: string;
}

/** Earlier tags of the placement, newest first. */
export function rollbackTargets(placement: Placement, facts: Facts): readonly RollbackTarget[] {
  const history = valueOf(placement.history) ?? [];
  const tags = valueOf(facts.registry.get(canonicalImage(placement.image)))?.tags;
  const seen = new Set([valueOf(placement.written)?.tag]);
  const targets: RollbackTarget[] = [];
  for (const change of history) {
    if (seen.has(change.to)) continue;
    seen.add(change.to);
    const obstacle =
      tags === undefined
        ? 'the registry does not answer'
        : tags.includes(change.to)
          ? undefined
          : 'it is not in the registry';
    targets.push({ tag: change.to, change, ...optional('obstacle', obstacle) });
  }
  return targets;
}
