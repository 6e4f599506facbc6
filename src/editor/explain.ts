// Why Didn't It Update?: the explanation of one placement as a panel with its remedies as buttons.
import * as vscode from 'vscode';
import { asNumber, asObject, asString } from '../base/json';
import { hearWitnesses, type ObjectEvent } from '../fleet/explain/enrich';
import { type Explanation, explain } from '../fleet/explain/explanation';
import { formatExplanation } from '../fleet/explain/explanationText';
import type { PlacementId } from '../fleet/rows';
import type { Commit } from '../model/facts';
import type { Placement } from '../model/fleet';
import type { ObjectReference } from '../model/flux';
import { canonicalImage } from '../model/image';
import { optional } from '../model/optional';
import { ProblemError } from '../model/problem';
import { valueOf } from '../model/reading';
import { askPlacement, findPlacement, placementOf } from './choose';
import { formatPage } from './explanationPage';
import { signalOf } from './signals';
import type { World } from './world';

export interface ExplainTools {
  readonly world: World;
  readonly panel: ExplanationPanel;
  readonly eventsOf: (context: string, object: ObjectReference, signal: AbortSignal) => Promise<readonly ObjectEvent[]>;
  readonly lastCommitOf: (folder: string, file: string, signal: AbortSignal) => Promise<Commit | undefined>;
}

interface Question extends PlacementId {
  readonly tag?: string;
}

export async function explainPlacement(tools: ExplainTools, argument: unknown): Promise<void> {
  const { world, panel } = tools;
  const placement = await askPlacement(world.fleet, argument, "Why Didn't It Update?: which service", () => true);
  if (placement === undefined) return;
  const asked = placementOf(argument) === undefined ? await askTag(world, placement) : { tag: tagOf(argument) };
  if (asked === undefined) return;
  const question: Question = {
    service: placement.service,
    environment: placement.environment,
    ...optional('tag', asked.tag),
  };
  const title = `Explaining ${placement.service} in ${placement.environment}`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const explanation = await vscode.window.withProgress(options, async (_, token) => {
    const signal = signalOf(token);
    await world.refresh(signal);
    const now = findPlacement(world.fleet, question) ?? placement;
    return await hear(tools, now, explain(world.facts, world.fleet, now, Date.now(), question.tag), signal);
  });
  panel.show(explanation, () => explainPlacement(tools, question));
}

async function hear(tools: ExplainTools, placement: Placement, said: Explanation, signal: AbortSignal) {
  const { context, writtenAt } = placement;
  const witnesses = {
    ...(context === undefined ? {} : { events: (object: ObjectReference) => tools.eventsOf(context, object, signal) }),
    ...(writtenAt === undefined
      ? {}
      : { lastCommit: (file: string) => tools.lastCommitOf(writtenAt.folder, file, signal) }),
  };
  return await hearWitnesses(said, witnesses, (error) => {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  });
}

function tagOf(argument: unknown): string | undefined {
  return asString(asObject(argument)?.['tag']);
}

/** Undefined when the user leaves. */
async function askTag(world: World, placement: Placement): Promise<{ readonly tag?: string } | undefined> {
  const tags = valueOf(world.facts.registry.get(canonicalImage(placement.image)))?.tags ?? [];
  const any: vscode.QuickPickItem = { label: 'What the policy selects', description: 'no tag in particular' };
  const items = [
    any,
    ...tags
      .toSorted()
      .toReversed()
      .slice(0, 200)
      .map((label) => ({ label })),
  ];
  const options = { title: "Why Didn't It Update?", placeHolder: 'The tag that you promoted, if it is about one' };
  const picked = await vscode.window.showQuickPick(items, options);
  if (picked === undefined) return undefined;
  return picked === any ? {} : { tag: picked.label };
}

export interface ExplanationPanel extends vscode.Disposable {
  show(explanation: Explanation, again: () => Promise<void>): void;
}

/** One panel for all explanations; `trouble` takes what a button runs into. */
export function createExplanationPanel(trouble: (error: unknown) => void): ExplanationPanel {
  let panel: vscode.WebviewPanel | undefined;
  let shown: { readonly explanation: Explanation; readonly again: () => Promise<void> } | undefined;
  const open = (): vscode.WebviewPanel => {
    const made = vscode.window.createWebviewPanel('fluxPromote.explanation', '', vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [],
    });
    made.onDidDispose(() => {
      panel = undefined;
    });
    made.webview.onDidReceiveMessage((message: unknown) => {
      act(message).catch(trouble);
    });
    return made;
  };
  const act = async (message: unknown): Promise<void> => {
    if (shown === undefined) return;
    const { explanation, again } = shown;
    const { service, environment, faults } = explanation;
    const asked = asObject(message);
    const kind = asString(asked?.['kind']);
    const meant = faults[asNumber(asked?.['fault']) ?? -1];
    if (kind === 'again') await again();
    if (kind === 'copy') await vscode.env.clipboard.writeText(formatExplanation(explanation));
    if (kind === 'step') {
      const found = meant?.steps[asNumber(asked?.['step']) ?? -1];
      if (found !== undefined) await vscode.env.clipboard.writeText(found.command);
    }
    if (kind === 'remedy' && meant?.remedy.command !== undefined) {
      await vscode.commands.executeCommand(`fluxPromote.${meant.remedy.command}`, { service, environment });
    }
  };
  return {
    show: (explanation, again) => {
      shown = { explanation, again };
      panel ??= open();
      panel.title = `${explanation.service} in ${explanation.environment}`;
      panel.webview.html = formatPage(explanation, crypto.randomUUID());
      panel.reveal();
    },
    dispose: () => panel?.dispose(),
  };
}
