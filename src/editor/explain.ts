// Why Didn't It Update?: the explanation of one placement as a panel with its remedies as buttons.
import * as vscode from 'vscode';
import { asObject, asString } from '../base/json';
import { type Explanation, explain, explainGone } from '../fleet/explain/explanation';
import type { Placement, PlacementId } from '../model/fleet';
import { canonicalImage } from '../model/image';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { askPick, askText } from './ask';
import { askPlacement, findPlacement, placementOf } from './choose';
import type { ClusterAccess } from './clusterAccess';
import type { ExplanationPanel } from './explanationPanel';
import { showLine } from './openFile';
import { signalOf } from './signals';
import { clusterWitnesses, type FileHistory, hear, historyWitnesses } from './witnesses';
import type { World } from './world';

export interface ExplainTools {
  readonly world: World;
  readonly panel: ExplanationPanel;
  readonly clusters: Pick<ClusterAccess, 'read'>;
  readonly history: FileHistory;
}

interface Question extends PlacementId {
  readonly tag?: string;
}

export async function explainPlacement(tools: ExplainTools, argument: unknown): Promise<void> {
  const { world, panel, clusters, history } = tools;
  const placement = await askPlacement(world.fleet, argument, "Why Didn't It Update?: which service", () => true);
  if (placement === undefined) return;
  const asked = placementOf(argument) === undefined ? await askTag(world, placement) : { tag: tagOf(argument) };
  if (asked === undefined) return;
  const question: Question = {
    service: placement.service,
    environment: placement.environment,
    ...optional('tag', asked.tag),
  };
  const glance = (): Explanation => {
    const now = findPlacement(world.fleet, question);
    if (now === undefined) return explainGone(world.fleet, question, Date.now());
    return explain(world.facts, world.fleet, now, Date.now(), question.tag);
  };
  const tell = (signal: AbortSignal): Promise<Explanation> => {
    const now = findPlacement(world.fleet, question) ?? placement;
    const witnesses = {
      ...clusterWitnesses(clusters, now, signal),
      ...historyWitnesses(history, now, signal),
    };
    return hear(glance(), witnesses);
  };
  const title = `Explaining ${placement.service} in ${placement.environment}`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const explanation = await vscode.window.withProgress(options, async (_, token) => {
    const signal = signalOf(token);
    await world.refresh(signal);
    return await tell(signal);
  });
  const folder = placement.writtenAt?.folder;
  panel.show(explanation, {
    world,
    glance,
    tell,
    again: () => explainPlacement(tools, question),
    open: async ({ file, line = 1 }) => {
      if (folder !== undefined) await showLine(folder, file, line);
    },
  });
}

function tagOf(argument: unknown): string | undefined {
  return asString(asObject(argument)?.['tag']);
}

/** Undefined when the user leaves. */
async function askTag(world: World, placement: Placement): Promise<{ readonly tag?: string } | undefined> {
  const tags = valueOf(world.facts.registry.get(canonicalImage(placement.image)))?.tags ?? [];
  const any: vscode.QuickPickItem = { label: 'What the policy selects', description: 'no tag in particular' };
  const another: vscode.QuickPickItem = { label: 'Another Tag…', description: 'one that is not in the registry' };
  const items = [
    any,
    another,
    ...tags
      .toSorted()
      .toReversed()
      .slice(0, 200)
      .map((label) => ({ label })),
  ];
  const title = "Why Didn't It Update?";
  const picked = await askPick(items, { title, placeHolder: 'The tag that you promoted, if it is about one' });
  if (picked === undefined) return undefined;
  if (picked === any) return {};
  if (picked !== another) return { tag: picked.label };
  const tag = (await askText({ title, prompt: 'The tag that you promoted' }))?.trim();
  return tag === undefined || tag === '' ? undefined : { tag };
}
