import * as vscode from 'vscode';
import { deriveArrival } from '../changes/arrival';
import type { DispatchPlan } from '../changes/plan';
import { ProblemError } from '../model/problem';
import { findPlacement } from './choose';
import { readLineage } from './readLineage';
import type { Reporter } from './report';
import { signalOf } from './signals';
import type { World } from './world';

/** What was promoted, whichever way. */
export type Promoted = Pick<DispatchPlan, 'source' | 'target' | 'image' | 'title'>;

/** A promotion that has arrived is said with its proof; another image than the tested one is an alarm instead. */
export async function reportPromoted(plan: Promoted, world: World, reporter: Reporter): Promise<void> {
  const { source, target, image, title } = plan;
  const ends = {
    source: { ...source, placement: findPlacement(world.fleet, source) },
    target: { ...target, placement: findPlacement(world.fleet, target) },
  };
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const lineage = await vscode.window.withProgress(options, (progress, token) => {
    progress.report({ message: 'proving that it is the same image' });
    return Promise.resolve(readLineage(world, image, ends, signalOf(token)));
  });
  const arrival = deriveArrival(plan, lineage);
  if (arrival.kind === 'alarm') throw new ProblemError(arrival.problem);
  if (arrival.kind === 'done') reporter.done(arrival.text);
  else reporter.warned(arrival.text);
}
