import type { Environment, Placement } from '../model/fleet';

/** With what can only be told of a placement beside others. */
export function mapPlacements(
  environments: readonly Environment[],
  tell: (placement: Placement) => Placement,
): readonly Environment[] {
  return environments.map((environment) => ({ ...environment, placements: environment.placements.map(tell) }));
}
