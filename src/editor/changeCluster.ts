// A change of the cluster itself: the cluster is asked whether the user may, then the user, and what it did is looked at.
import * as vscode from 'vscode';
import type { ClusterPen } from '../changes/applyCluster';
import { refuseWithoutRight, whichMayNotBeChanged } from '../changes/rights';
import type { ObjectReference } from '../model/flux';
import { confirmProtected } from './confirmProtected';
import type { Reporter } from './report';
import { signalOf } from './signals';
import type { World } from './world';

export interface ClusterTools {
  readonly world: World;
  readonly reporter: Reporter;
  readonly clusterPenOf: (context: string) => ClusterPen;
}

export interface ClusterChange {
  readonly title: string;
  readonly context: string;
  /** What is changed. */
  readonly object: ObjectReference;
  readonly environment: string;
  /** Lines for the confirmation, and its button. */
  readonly summary: readonly string[];
  readonly button: string;
  /** What to do without the right, as the end of a sentence. */
  readonly instead: string;
  readonly apply: (pen: ClusterPen, signal: AbortSignal) => Promise<void>;
}

/** True when it was done. */
export async function changeCluster(
  { title, context, object, environment, summary, button, instead, apply }: ClusterChange,
  { world, reporter, clusterPenOf }: ClusterTools,
): Promise<boolean> {
  const pen = clusterPenOf(context);
  const refused = await whichMayNotBeChanged([object], pen, new AbortController().signal);
  if (refused.length > 0) {
    reporter.refused(refuseWithoutRight(context, refused, instead));
    return false;
  }
  if (!(await reporter.confirm(`${title}?`, summary, button))) return false;
  if (!(await confirmProtected(world, environment))) return false;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  await vscode.window.withProgress(options, async (_, token) => {
    const signal = signalOf(token);
    await apply(pen, signal);
    await world.refresh(signal);
  });
  return true;
}
