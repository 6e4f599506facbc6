// Asks Flux to do now what it would do at its next interval. Only what is slow is asked: the registry's scan and the source's
// fetch; everything behind them starts by itself.

import type { Logger } from '../base/logger';
import { applyReconcile, type ReconcilePen } from '../changes/applyCluster';
import { findObject } from '../fleet/liveObjects';
import type { PlacementId } from '../model/fleet';
import type { ObjectReference } from '../model/flux';
import { ProblemError } from '../model/problem';
import { findPlacement } from './choose';
import type { World } from './world';

export interface NudgeTools {
  readonly world: World;
  readonly reconcilePenOf: (context: string) => ReconcilePen;
  readonly logger: Logger;
}

export async function scanNow(tools: NudgeTools, target: PlacementId, signal: AbortSignal): Promise<void> {
  const placement = findPlacement(tools.world.fleet, target);
  await nudge(tools, placement?.context, placement?.imageRepository, signal);
}

export async function fetchNow(tools: NudgeTools, target: PlacementId, signal: AbortSignal): Promise<void> {
  const placement = findPlacement(tools.world.fleet, target);
  const cluster = tools.world.facts.clusters.get(placement?.context ?? '');
  const kustomization = findObject(cluster?.kustomizations, placement?.kustomization);
  await nudge(tools, placement?.context, kustomization?.sourceRef, signal);
}

/** A user who may not ask waits for the interval: that is said in the log, not in a message. */
async function nudge(
  { reconcilePenOf, logger }: NudgeTools,
  context: string | undefined,
  object: ObjectReference | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (context === undefined || object === undefined) return;
  try {
    await applyReconcile(object, reconcilePenOf(context), Date.now(), signal);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    logger.info(
      `${object.kind} ${object.namespace}/${object.name} was not asked to reconcile: ${error.problem.message}`,
    );
  }
}
