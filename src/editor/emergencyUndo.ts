// Emergency Undo: the cluster ahead of Git. A workload that has left Git becomes a rollback to what it runs, or is reconciled
// back; one that has not runs an earlier version at once, on the user's explicit word.
import { applyRolloutUndo, type ClusterPen } from '../changes/applyCluster';
import { planUndo } from '../changes/planUndo';
import { rollbackTargets } from '../changes/rollbackTargets';
import { isOfImage } from '../fleet/liveObjects';
import type { Drift, Placement, PlacementId } from '../model/fleet';
import { parseImage } from '../model/image';
import { askPick } from './ask';
import { type ClusterTools, changeCluster } from './changeCluster';
import { askPlacement } from './choose';
import { chooseEarlierTag } from './chooseTarget';

export interface UndoTools extends ClusterTools {
  /** The commands that take over: a rollback in Git to this tag, and asking Flux to apply Git. */
  readonly rollBackTo: (target: PlacementId & { readonly tag: string }) => Promise<void>;
  readonly reconcile: (target: PlacementId) => Promise<void>;
}

export async function emergencyUndo(tools: UndoTools, argument: unknown): Promise<void> {
  const { world, reporter } = tools;
  const title = 'Emergency undo: which service';
  const placement = await askPlacement(world.fleet, argument, title, (one) => one.workload !== undefined);
  if (placement === undefined) return;
  if (placement.drift !== undefined) {
    await returnToGit(placement, placement.drift, tools);
    return;
  }
  const target = await chooseEarlierTag(placement, rollbackTargets(world.fleet, world.facts, placement));
  if (target === undefined) return;
  if (target.obstacle !== undefined) {
    reporter.refused({ kind: 'refusal', reason: `${target.tag} cannot be chosen: ${target.obstacle}.` });
    return;
  }
  const { service, environment } = placement;
  const wanted = { service, environment, tag: target.tag };
  if (!(await undoInCluster(wanted, tools))) return;
  const said = `${environment} runs ${target.tag} ahead of Git, until Flux applies Git again.`;
  if (await reporter.offer(said, 'Roll Back in Git')) await tools.rollBackTo(wanted);
}

/** True when it was done. */
export async function undoInCluster(
  wanted: PlacementId & { readonly tag: string },
  tools: ClusterTools,
): Promise<boolean> {
  const plan = planUndo(tools.world.fleet, tools.world.facts, wanted);
  if (plan.kind === 'refusal') {
    tools.reporter.refused(plan);
    return false;
  }
  const change = {
    ...plan,
    object: plan.undo.deployment,
    environment: wanted.environment,
    button: 'Run It Now',
    instead: 'roll back in Git alone',
    apply: (pen: ClusterPen, signal: AbortSignal) => applyRolloutUndo(plan.undo, pen, signal),
  };
  return await changeCluster(change, tools);
}

/** Whether there is an undo to offer: there is something to undo, and the cluster lets the user. */
export async function mayUndoInCluster(
  wanted: PlacementId & { readonly tag: string },
  { world, clusterPenOf }: Pick<ClusterTools, 'world' | 'clusterPenOf'>,
): Promise<boolean> {
  const plan = planUndo(world.fleet, world.facts, wanted);
  if (plan.kind === 'refusal') return false;
  return await clusterPenOf(plan.context).mayChange(plan.undo.deployment, new AbortController().signal);
}

async function returnToGit(placement: Placement, drift: Drift, tools: UndoTools): Promise<void> {
  const { service, environment, image } = placement;
  const { tag = drift.found } = parseImage(drift.found);
  // Another image is no tag that Git could go back to.
  const isTag = isOfImage(drift.found, image) && tag !== parseImage(drift.expected).tag;
  const follow = {
    label: '$(discard) Make Git Match',
    description: `a rollback to ${tag}`,
    detail: 'What runs now becomes what Git says, so that it stays.',
  };
  const back = {
    label: '$(sync) Reconcile Back',
    description: drift.expected,
    detail: 'Flux applies what Git says again, now.',
  };
  const options = {
    title: `${service} in ${environment} has left Git`,
    placeHolder: `It runs ${tag}${drift.manager === undefined ? '' : `, changed by ${drift.manager}`}`,
  };
  const picked = await askPick(isTag ? [follow, back] : [back], options);
  if (picked === follow) await tools.rollBackTo({ service, environment, tag });
  if (picked === back) await tools.reconcile({ service, environment });
}
