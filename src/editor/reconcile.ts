// Reconcile Now: asks Flux to scan, fetch and apply what one placement depends on, without waiting for the intervals.
import * as vscode from 'vscode';
import { applyReconcile, type ReconcilePen, type RightsReader } from '../changes/applyCluster';
import { refuseWithoutRight, whichMayNotBeChanged } from '../changes/rights';
import { nameOf } from '../fleet/explain/diagnosis';
import { findObject } from '../fleet/liveObjects';
import type { ClusterFacts } from '../model/facts';
import type { Placement } from '../model/fleet';
import type { ObjectReference } from '../model/flux';
import { optional } from '../model/optional';
import { ProblemError } from '../model/problem';
import { problemOf } from '../model/reading';
import { askPlacement } from './choose';
import { confirmProtected } from './confirmProtected';
import type { Reporter } from './report';
import { signalOf } from './signals';
import type { World } from './world';

export interface ReconcileTools {
  readonly world: World;
  readonly reporter: Reporter;
  readonly reconcilePenOf: (context: string) => ReconcilePen & RightsReader;
}

export async function reconcileNow(
  { world, reporter, reconcilePenOf }: ReconcileTools,
  argument: unknown,
): Promise<void> {
  const placement = await askPlacement(world.fleet, argument, 'Reconcile now: which service', () => true);
  if (placement === undefined) return;
  const { context } = placement;
  const cluster = context === undefined ? undefined : world.facts.clusters.get(context);
  if (context === undefined || cluster === undefined) {
    throw new ProblemError({
      code: 'context-not-chosen',
      message: `No cluster is chosen for ${placement.environment}. Choose its kubeconfig context.`,
      remedy: 'chooseContext',
    });
  }
  const objects = objectsToAsk(placement, cluster);
  if (objects.length === 0) {
    const problem = problemOf(cluster.kustomizations);
    const reason = `Nothing that Flux could reconcile for ${placement.service} in ${placement.environment} is known.`;
    reporter.refused({ kind: 'refusal', reason, ...optional('wayOut', problem?.message) });
    return;
  }
  const pen = reconcilePenOf(context);
  const refused = await whichMayNotBeChanged(objects, pen, new AbortController().signal);
  const allowed = objects.filter((object) => !refused.includes(object));
  if (allowed.length === 0) {
    reporter.refused(refuseWithoutRight(context, refused, 'wait for their intervals'));
    return;
  }
  if (!(await confirmProtected(world, placement.environment))) return;
  const title = `Reconciling ${placement.service} in ${placement.environment}`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  await vscode.window.withProgress(options, async (progress, token) => {
    const signal = signalOf(token);
    for (const object of allowed) {
      progress.report({ message: nameOf(object) });
      await applyReconcile(object, pen, Date.now(), signal);
    }
    await world.refresh(signal);
  });
  const left = refused.length === 0 ? '' : ` The cluster does not let you ask ${refused.map(nameOf).join(', ')}.`;
  reporter.done(`Asked Flux to reconcile ${allowed.map(({ kind, name }) => `${kind} ${name}`).join(', ')}.${left}`);
}

/** Scan, fetch, apply. Policies and automations start by themselves. */
function objectsToAsk(placement: Placement, cluster: ClusterFacts): readonly ObjectReference[] {
  const source = findObject(cluster.kustomizations, placement.kustomization)?.sourceRef;
  return [placement.imageRepository, source, placement.kustomization].filter((object) => object !== undefined);
}
