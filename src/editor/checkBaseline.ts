// Check Baseline: the lab's prerequisites and first two steps as one page, to be pasted into a change record.
import * as vscode from 'vscode';
import { deriveBaseline } from '../fleet/baseline';
import { formatBaseline } from '../fleet/baselineFormat';
import { ProblemError } from '../model/problem';
import { known, type Reading, unknown } from '../model/reading';
import { offerCopy, type Pages } from './pages';
import type { Reporter } from './report';
import { signalOf } from './signals';
import type { World } from './world';

export interface BaselineTools {
  readonly world: World;
  readonly pages: Pages;
  readonly reporter: Reporter;
  /** The names of a context's namespaces. Rejects with a problem. */
  readonly namespacesIn: (context: string, signal: AbortSignal) => Promise<readonly string[]>;
}

/** Asks everybody afresh: a baseline of yesterday is none. */
export async function checkBaseline({ world, pages, reporter, namespacesIn }: BaselineTools): Promise<void> {
  const options = { location: vscode.ProgressLocation.Notification, title: 'Checking the baseline', cancellable: true };
  const text = await vscode.window.withProgress(options, async (_, token) => {
    const signal = signalOf(token);
    await world.refresh(signal);
    const contexts = new Set(world.fleet.environments.flatMap(({ context }) => context ?? []));
    const namespaces = new Map<string, Reading<readonly string[]>>();
    for (const context of contexts) namespaces.set(context, await readingOf(() => namespacesIn(context, signal)));
    return formatBaseline(deriveBaseline(world.facts, world.fleet, namespaces, Date.now()));
  });
  await pages.show('Baseline', text);
  await offerCopy('The baseline is checked.', text, reporter);
}

async function readingOf<T>(read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return known(await read(), Date.now());
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return unknown(error.problem);
  }
}
