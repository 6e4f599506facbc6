// Rebuild for Production: what a delivery must not do, for the lab's third proof. Only the lab offers it.
import * as vscode from 'vscode';
import { systemClock } from '../base/clock';
import { applyDispatch, type DispatchForge } from '../changes/applyDispatch';
import { sourceOf } from '../fleet/promotionSource';
import { canonicalImage } from '../model/image';
import { problemOf, valueOf } from '../model/reading';
import { askPlacement } from './choose';
import { followRun } from './followRun';
import type { Reporter } from './report';
import { signalOf } from './signals';
import type { World } from './world';

export interface RebuildTools {
  readonly world: World;
  readonly reporter: Reporter;
  readonly forgeOf: (image: string) => Promise<DispatchForge>;
}

export async function rebuildForProduction(
  { world, reporter, forgeOf }: RebuildTools,
  argument: unknown,
): Promise<void> {
  const title = 'Rebuild for Production: which service';
  const fits = (placement: Parameters<typeof sourceOf>[1]) => sourceOf(world.fleet, placement) !== undefined;
  const placement = await askPlacement(world.fleet, argument, title, fits);
  if (placement === undefined) return;
  const { image, service } = placement;
  const reading = world.facts.forges.get(canonicalImage(image));
  const forge = valueOf(reading);
  const workflow = forge?.workflows.find(({ path }) => /rebuild/i.test(path));
  if (forge === undefined || workflow === undefined) {
    const why = problemOf(reading)?.message ?? 'Its repository has no workflow for it.';
    reporter.refused({ kind: 'refusal', reason: `${service} cannot be rebuilt here. ${why}` });
    return;
  }
  const detail = [
    'It builds an image from source that nobody has tested, and Flux will deploy it: this is what the lesson is about.',
    'Look at the lineage of production afterwards, then roll back.',
  ];
  if (!(await reporter.confirm(`Rebuild ${service} for production?`, detail, 'Rebuild'))) return;
  const options = { location: vscode.ProgressLocation.Notification, title: `Rebuilding ${service}`, cancellable: true };
  await vscode.window.withProgress(options, async (progress, token) => {
    const signal = signalOf(token);
    const { owner, repository, defaultBranch: ref } = forge;
    const file = workflow.path.slice(workflow.path.lastIndexOf('/') + 1);
    const plan = { owner, repository, workflow: file, ref, inputs: {}, image };
    const run = await applyDispatch(plan, await forgeOf(image), signal);
    const say = (message: string): void => progress.report({ message });
    await followRun({ plan, run, world, say, clock: systemClock }, signal);
    await world.refresh(signal);
  });
  reporter.done(`Built ${service} for production. Flux deploys it within seconds: watch its Lineage.`);
}
