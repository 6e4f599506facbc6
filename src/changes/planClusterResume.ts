// A suspension that only the cluster has ends in the cluster: Git says nothing of it, so there is nothing to commit.
import { nameOf } from '../fleet/explain/diagnosis';
import type { Facts } from '../model/facts';
import type { Fleet, Hold, PlacementId } from '../model/fleet';
import type { ObjectReference } from '../model/flux';
import { type Refusal, refuse } from './plan';
import { selectionAfter } from './planResume';
import { deriveStanding } from './rollback/situation';

export interface ClusterResumePlan {
  readonly kind: 'resume';
  readonly title: string;
  readonly context: string;
  readonly object: ObjectReference;
  /** Lines for the confirmation. */
  readonly summary: readonly string[];
}

export function isSuspendedInCluster({ kind, declaredAt }: Hold): boolean {
  return kind === 'suspended' && declaredAt === undefined;
}

export function planClusterResume(
  fleet: Fleet,
  facts: Facts,
  { service, environment, object }: PlacementId & { readonly object: ObjectReference },
): ClusterResumePlan | Refusal {
  const standing = deriveStanding(fleet, facts, { service, environment });
  if ('kind' in standing) return standing;
  const { placement } = standing;
  const { context } = placement;
  if (context === undefined || !isHeld(placement.holds, object)) {
    return refuse(`${nameOf(object)} is not suspended in a cluster any more.`);
  }
  const others = fleet.environments
    .flatMap(({ placements }) => placements)
    .filter((one) => one !== placement && one.context === context && isHeld(one.holds, object))
    .map((one) => `${one.service} in ${one.environment}`);
  return {
    kind: 'resume',
    title: `Resume ${service} in ${environment}`,
    context,
    object,
    summary: [
      `${nameOf(object)} in ${context} is resumed in the cluster alone: Git says nothing of its suspension.`,
      selectionAfter(standing, new Map()).text,
      ...(others.length === 0 ? [] : [`It holds these too, and they move with it: ${others.join(', ')}.`]),
    ],
  };
}

function isHeld(holds: readonly Hold[], object: ObjectReference): boolean {
  return holds.some((hold) => isSuspendedInCluster(hold) && nameOf(hold.object) === nameOf(object));
}
