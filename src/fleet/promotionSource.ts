// Where a promotion takes its candidate from: the same service in an environment before production.
import type { Environment, Fleet, Placement } from '../model/fleet';

/** The nearest one; undefined for what is not production. */
export function sourceOf(
  fleet: Fleet,
  target: { readonly service: string; readonly environment: string },
): Placement | undefined {
  for (const { placements } of environmentsBefore(fleet, target.environment)) {
    const found = placements.find((one) => one.service === target.service);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All for which there is a `sourceOf`. */
export function servicesBefore(fleet: Fleet, environment: string): ReadonlySet<string> {
  const before = environmentsBefore(fleet, environment);
  return new Set(before.flatMap(({ placements }) => placements.map(({ service }) => service)));
}

/** Where what runs there may be promoted from, the nearest first; none for what is not production. */
function environmentsBefore(fleet: Fleet, name: string): readonly Environment[] {
  const at = fleet.environments.findIndex((environment) => environment.name === name);
  if (fleet.environments[at]?.isProduction !== true) return [];
  return fleet.environments
    .slice(0, at)
    .filter((environment) => !environment.isProduction)
    .toReversed();
}
