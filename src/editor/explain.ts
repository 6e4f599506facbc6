// Why Didn't It Update?: the explanation of one placement as a panel with its remedies as buttons.
import * as vscode from 'vscode';
import { asObject, asString } from '../base/json';
import { readEvents } from '../base/kubernetes/events';
import { hearWitnesses } from '../fleet/explain/enrich';
import { type Explanation, explain } from '../fleet/explain/explanation';
import type { Commit } from '../model/facts';
import type { Placement, PlacementId } from '../model/fleet';
import type { ObjectReference } from '../model/flux';
import { canonicalImage } from '../model/image';
import { optional } from '../model/optional';
import { ProblemError } from '../model/problem';
import { valueOf } from '../model/reading';
import { readControllerLog } from '../sources/controllerLog';
import { askPick } from './ask';
import { askPlacement, findPlacement, placementOf } from './choose';
import type { ClusterAccess } from './clusterAccess';
import type { ExplanationPanel } from './explanationPanel';
import { showLine } from './openFile';
import { signalOf } from './signals';
import type { World } from './world';

export interface ExplainTools {
  readonly world: World;
  readonly panel: ExplanationPanel;
  readonly clusters: Pick<ClusterAccess, 'read'>;
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
  const now = (): Placement => findPlacement(world.fleet, question) ?? placement;
  const glance = (): Explanation => explain(world.facts, world.fleet, now(), Date.now(), question.tag);
  const tell = (signal: AbortSignal): Promise<Explanation> => hear(tools, now(), glance(), signal);
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

async function hear(
  { clusters, lastCommitOf }: ExplainTools,
  placement: Placement,
  said: Explanation,
  signal: AbortSignal,
): Promise<Explanation> {
  const { context, writtenAt } = placement;
  const witnesses = {
    ...(context === undefined
      ? {}
      : {
          events: (object: ObjectReference) => clusters.read(context, (reader) => readEvents(reader, object, signal)),
          log: (controller: string) =>
            clusters.read(context, (reader) => readControllerLog(reader, controller, signal)),
        }),
    ...(writtenAt === undefined ? {} : { lastCommit: (file: string) => lastCommitOf(writtenAt.folder, file, signal) }),
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
  const picked = await askPick(items, options);
  if (picked === undefined) return undefined;
  return picked === any ? {} : { tag: picked.label };
}
