// The three failure scenarios of the lab as they show in production, told apart from each other.
import type { Facts } from '../model/facts';
import type { Placement } from '../model/fleet';
import type { ImagePolicy } from '../model/flux';
import { valueOf } from '../model/reading';
import { select } from '../policy/select';
import { crossingOf, worstLink } from './chain';
import { isOtherEnvironment } from './environments';
import { findObject } from './liveObjects';
import { keyOf } from './placements';
import { prefixOf } from './policyPattern';

export type LessonFault = 'production-does-not-update' | 'wrong-environment' | 'rollout-undo';

/** All links are done and nothing has left Git. */
export function isSound({ chain, drift }: Placement): boolean {
  return worstLink(chain) === undefined && drift === undefined;
}

export function describeFault(fault: LessonFault, placement: Placement, facts: Facts): string | undefined {
  const { service, environment, context, drift } = placement;
  const policy = findObject(facts.clusters.get(context ?? '')?.imagePolicies, placement.policy);
  const where = `${service} in ${environment}`;
  const stranger = policy && crossedBy(placement, policy);
  switch (fault) {
    case 'rollout-undo': {
      const who = drift?.manager === undefined ? '' : ` Changed by ${drift.manager}.`;
      return drift && `${where} ran ${drift.found}, Git said ${drift.expected}.${who}`;
    }
    case 'wrong-environment':
      return stranger && `${where} ${stranger}.`;
    default: {
      const tag = valueOf(placement.written)?.tag;
      if (policy === undefined || tag === undefined || stranger !== undefined) return undefined;
      if (select(policy.spec, [tag], { flux: facts.settings.fluxVersion }).kind === 'tag') return undefined;
      return `The policy ${keyOf(policy.meta)} did not take the tags of ${environment}: its pattern was ${policy.spec.filterTags?.pattern ?? 'missing'}.`;
    }
  }
}

/** Another environment's tag or policy. */
function crossedBy({ environment, written, chain }: Placement, policy: ImagePolicy): string | undefined {
  if (crossingOf(chain) !== undefined) return `was given ${valueOf(written)?.tag}`;
  return isOtherEnvironment(prefixOf(policy.spec), environment)
    ? `was given to the policy ${keyOf(policy.meta)}`
    : undefined;
}
