// Asks for what a command was not given. Palette, tree and test call the same handlers with plain identifiers.
import type { Row } from '../fleet/rows';
import { formatTag } from '../fleet/tagParts';
import type { Fleet, Placement, PlacementId } from '../model/fleet';
import { ProblemError } from '../model/problem';
import { valueOf } from '../model/reading';
import { askPick } from './ask';

/** From a tree row, from `{service, environment}`, or from nothing. */
export function placementOf(argument: unknown): PlacementId | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { placement } = argument as Partial<Row>;
  const { service, environment } = (placement ?? argument) as Partial<PlacementId>;
  return typeof service === 'string' && typeof environment === 'string' ? { service, environment } : undefined;
}

export function findPlacement(fleet: Fleet, id: PlacementId): Placement | undefined {
  return fleet.environments
    .find((environment) => environment.name === id.environment)
    ?.placements.find((placement) => placement.service === id.service);
}

/** The one that was given, the only one that fits, or the user's choice; undefined when the user leaves. */
export async function askPlacement(
  fleet: Fleet,
  argument: unknown,
  title: string,
  fits: (placement: Placement) => boolean,
): Promise<Placement | undefined> {
  const given = placementOf(argument);
  if (given !== undefined) return findPlacement(fleet, given) ?? gone(given);
  const placements = fleet.environments
    .toReversed()
    .flatMap((environment) => environment.placements)
    .filter(fits);
  const items = placements.map((placement) => {
    const { written: reading, tagParts } = placement;
    const written = valueOf(reading)?.tag;
    return {
      label: placement.service,
      description: placement.environment,
      detail: written === undefined ? 'no tag' : formatTag(written, tagParts.get(written)),
      placement,
    };
  });
  const options = { title, placeHolder: 'Service and environment', matchOnDescription: true };
  return (await askPick(items, options))?.placement;
}

function gone({ service, environment }: PlacementId): never {
  throw new ProblemError({
    code: 'placement-unknown',
    message: `${service} is not in ${environment}. Refresh, and look at the Environments view again.`,
    remedy: 'refresh',
  });
}
