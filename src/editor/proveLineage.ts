// Prove Lineage: what production runs against the build that it came from, as a page to read, keep and attach.
import * as vscode from 'vscode';
import { findLineageCandidates } from '../fleet/lineageCandidates';
import { formatLineage } from '../fleet/lineageFormats';
import { sourceOf } from '../fleet/rows';
import type { Placement } from '../model/fleet';
import { canonicalImage } from '../model/image';
import { valueOf } from '../model/reading';
import { askPlacement } from './choose';
import type { Pages } from './pages';
import { readLineage } from './readLineage';
import type { Reporter } from './report';
import { signalOf } from './signals';
import type { World } from './world';

export interface LineageTools {
  readonly world: World;
  readonly reporter: Reporter;
  readonly pages: Pages;
}

export async function proveLineage({ world, reporter, pages }: LineageTools, argument: unknown): Promise<void> {
  const target = await askPlacement(
    world.fleet,
    argument,
    'Prove Lineage: of what production runs',
    (placement) => sourceOf(world.fleet, placement) !== undefined,
  );
  if (target === undefined) return;
  const source = sourceOf(world.fleet, target);
  const delivered = valueOf(target.running)?.tag ?? valueOf(target.written)?.tag;
  if (source === undefined || delivered === undefined) {
    reporter.refused({
      kind: 'refusal',
      reason: `${target.service} in ${target.environment} has ${source === undefined ? 'no environment before it' : 'no tag'}, so there is nothing to compare.`,
      wayOut: 'Compare any two tags by flux-promote lineage.',
    });
    return;
  }
  const tested = await askTested(world, source, delivered, target);
  if (tested === undefined) return;
  const options = { location: vscode.ProgressLocation.Notification, title: 'Proving the lineage', cancellable: true };
  const lineage = await vscode.window.withProgress(options, (_, token) =>
    Promise.resolve(
      readLineage(
        world,
        target.image,
        { source: { placement: source, tag: tested }, target: { placement: target, tag: delivered } },
        signalOf(token),
      ),
    ),
  );
  const json = `## As JSON\n\n\`\`\`json\n${formatLineage(lineage, 'json')}\`\`\`\n`;
  await pages.show(`Lineage of ${delivered}`, `${formatLineage(lineage, 'markdown')}\n${json}`);
}

/** The builds that it may have come from, best first; where no name fits, all that the environment before has had. */
async function askTested(
  world: World,
  source: Placement,
  delivered: string,
  target: Placement,
): Promise<string | undefined> {
  const tags = valueOf(world.facts.registry.get(canonicalImage(target.image)))?.tags ?? [];
  const candidates = findLineageCandidates(delivered, source, tags);
  const named = new Set(candidates.map(({ tag }) => tag));
  const running = valueOf(source.running)?.tag;
  const others = [running, ...(valueOf(source.history) ?? []).map(({ to }) => to)];
  const items = [
    ...candidates.map(({ tag, why }) => ({ label: tag, description: why })),
    ...[...new Set(others)].flatMap((tag) =>
      tag === undefined || named.has(tag)
        ? []
        : [{ label: tag, description: `${tag === running ? 'running' : 'was'} in ${source.environment}` }],
    ),
  ];
  const options = {
    title: `${delivered}: which build was tested`,
    placeHolder: `Builds of ${source.environment}, the likeliest first`,
    matchOnDescription: true,
  };
  return (await vscode.window.showQuickPick(items.slice(0, 30), options))?.label;
}
