// Pull requests that a placement waits for: those that Flux Promote has opened for it, and those of its automation's push branch.
import type { Facts, OpenPull } from '../model/facts';
import type { Environment, PlacementId } from '../model/fleet';
import { valueOf } from '../model/reading';
import { mapPlacements } from './mapPlacements';
import { keyOf } from './placements';

/** How the branches begin that are pushed for a placement: `flux-promote/backend-production-`. */
export function pullPrefix({ service, environment }: PlacementId): string {
  return `flux-promote/${branchWord(`${service}-${environment}-`)}`;
}

/** As much of a text as a branch may be called. */
export function branchWord(text: string): string {
  return text.replace(/[^\w.-]+/g, '-').replace(/\.{2,}/g, '.');
}

export function withPulls(environments: readonly Environment[], facts: Facts): readonly Environment[] {
  const open = [...(facts.pulls ?? [])].flatMap(([folder, reading]) =>
    (valueOf(reading) ?? []).map((pull) => ({ folder, pull })),
  );
  if (open.length === 0) return environments;
  const pushers = pushersTo(new Set(open.map(({ pull }) => pull.head)), facts);
  return mapPlacements(environments, (placement) => {
    const { writtenAt, context, automation } = placement;
    const prefix = pullPrefix(placement);
    const pushBranch = pushers.get(context ?? '')?.get(automation === undefined ? '' : keyOf(automation));
    const own = open.flatMap(({ folder, pull }): readonly OpenPull[] =>
      folder === writtenAt?.folder && (pull.head.startsWith(prefix) || pull.head === pushBranch) ? [pull] : [],
    );
    return own.length === 0 ? placement : { ...placement, pulls: own };
  });
}

/** The push branches among `heads`, by context and automation: few, while placements are many. */
function pushersTo(heads: ReadonlySet<string>, { clusters }: Facts): ReadonlyMap<string, ReadonlyMap<string, string>> {
  return new Map(
    [...clusters].map(([context, { imageUpdateAutomations }]) => [
      context,
      new Map(
        (valueOf(imageUpdateAutomations) ?? []).flatMap(({ meta, pushBranch }) =>
          pushBranch !== undefined && heads.has(pushBranch) ? [[keyOf(meta), pushBranch] as const] : [],
        ),
      ),
    ]),
  );
}
