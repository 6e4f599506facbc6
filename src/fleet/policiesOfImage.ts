import type { Facts } from '../model/facts';
import type { Placement } from '../model/fleet';
import { canonicalImage } from '../model/image';
import type { PolicyOfEnvironment } from './hardStops';
import { findObject } from './liveObjects';
import type { DeclaredPlacement } from './placements';

/** The policies of the image: as Git declares them, the target's from its cluster where no clone does. */
export function policiesOfImage(
  declared: readonly DeclaredPlacement[],
  target: Placement,
  facts: Facts,
): readonly PolicyOfEnvironment[] {
  const inGit = declared.flatMap(({ policy, environment, image }) =>
    policy !== undefined && canonicalImage(image) === canonicalImage(target.image)
      ? [{ environment, policy: policy.object }]
      : [],
  );
  const { policy: reference, environment } = target;
  if (reference === undefined || inGit.some((one) => one.environment === environment)) return inGit;
  const policy = findObject(facts.clusters.get(target.context ?? '')?.imagePolicies, reference);
  return policy === undefined ? inGit : [...inGit, { environment, policy }];
}
