import * as vscode from 'vscode';
import type { DispatchPlan } from '../changes/plan';
import { ProblemError } from '../model/problem';
import { findPlacement } from './choose';
import { readLineage } from './readLineage';
import type { Reporter } from './report';
import { signalOf } from './signals';
import type { World } from './world';

/** A promotion that has arrived is said with its proof; another image than the tested one is an alarm instead. */
export async function reportPromoted(plan: DispatchPlan, world: World, reporter: Reporter): Promise<void> {
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
  const arrived = `Promoted: ${target.environment} runs ${target.tag}`;
  switch (lineage.verdict) {
    case 'same':
      return reporter.done(
        `${arrived}, the same image as ${source.tag}: both are ${lineage.target.digest?.slice(0, 19) ?? ''}….`,
      );
    case 'wrapped':
      return reporter.done(`${arrived}, the same image as ${source.tag} under another digest.`);
    case 'unknown':
      return reporter.warned(`${arrived}. ${lineage.summary} ${lineage.meaning}`);
    default:
      throw new ProblemError({
        code: 'lineage-different',
        message: `${target.environment} runs ${target.tag}, which is not the image that was tested as ${source.tag}. Roll back, and see in the workflow's log what it pushed.`,
        remedy: 'proveLineage',
      });
  }
}
