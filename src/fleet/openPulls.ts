// Pull requests that a placement waits for: those that Flux Promote has opened for it, and those of its automation's push branch.
import type { Facts, OpenPull } from '../model/facts';
import type { Environment, Placement } from '../model/fleet';
import { valueOf } from '../model/reading';
import { findObject } from './liveObjects';
import type { PlacementId } from './rows';

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
  return environments.map((environment) => ({
    ...environment,
    placements: environment.placements.map((placement) => {
      const own = open
        .filter(({ folder }) => folder === placement.writtenAt?.folder)
        .filter(
          ({ pull }) => pull.head.startsWith(pullPrefix(placement)) || pull.head === pushBranchOf(placement, facts),
        );
      return own.length === 0 ? placement : { ...placement, pulls: own.map(({ pull }): OpenPull => pull) };
    }),
  }));
}

function pushBranchOf({ context, automation }: Placement, { clusters }: Facts): string | undefined {
  return findObject(clusters.get(context ?? '')?.imageUpdateAutomations, automation)?.pushBranch;
}
