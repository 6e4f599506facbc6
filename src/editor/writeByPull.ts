// Where the followed branch takes no push: a pull request, followed to its merge.
import * as vscode from 'vscode';
import { pause, systemClock } from '../base/clock';
import type { ForgeReader, ForgeRepository, ForgeWriter } from '../base/forge/forge';
import type { Applied, CommitPen } from '../changes/apply';
import { applyPull, type PullPen } from '../changes/applyPull';
import type { CommitPlan } from '../changes/plan';
import { ProblemError } from '../model/problem';
import type { Reporter } from './report';
import { signalOf } from './signals';
import type { World } from './world';

export interface RemoteForge {
  readonly at: ForgeRepository;
  readonly reader: Pick<ForgeReader, 'branchRules' | 'pull'>;
  readonly writer: Pick<ForgeWriter, 'openPull'>;
}

export interface PullTools {
  readonly world: World;
  readonly reporter: Reporter;
  /** The writing half of Git in the clone. */
  readonly penOf: (folder: string) => Promise<CommitPen>;
  /** The forge that a remote lies on, if it is one that is spoken to. */
  readonly forgeOfRemote: (url: string) => RemoteForge | undefined;
}

/** No more than the forges' own guidance for one thing that is waited for. */
const pollMs = 5_000;

/** The forge of a clone's remote. */
export function forgeOf(folder: string, { world, forgeOfRemote }: PullTools): RemoteForge | undefined {
  const url = world.facts.repositories.find((one) => one.folder === folder)?.remote.url;
  return url === undefined ? undefined : forgeOfRemote(url);
}

/** What the branch asks for instead of a push; undefined where it takes one, or where its forge cannot be asked. */
export async function readRule(
  folder: string,
  branch: string,
  tools: PullTools,
  signal: AbortSignal,
): Promise<string | undefined> {
  const forge = forgeOf(folder, tools);
  if (forge === undefined) return undefined;
  try {
    const { needsPull, rules } = await forge.reader.branchRules(forge.at, branch, signal);
    if (!needsPull) return undefined;
    return rules.length === 0 ? 'a pull request' : rules.join(' and ');
  } catch (error) {
    // Whoever may not ask finds out by pushing.
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

/** Opened, shown, and followed until it is merged: what came to the branch then counts as written. */
export async function writeByPull(plan: CommitPlan, tools: PullTools): Promise<Applied> {
  const forge = forgeOf(plan.folder, tools);
  if (forge === undefined) {
    throw new ProblemError({
      code: 'forge-unknown',
      message: `No forge is known for the remote ${plan.remote}. Name it in fluxPromote.forges.`,
    });
  }
  const { at, reader, writer } = forge;
  const pulls: PullPen = { openPull: (draft, signal) => writer.openPull(at, draft, signal) };
  const options = { location: vscode.ProgressLocation.Notification, title: plan.title, cancellable: true };
  return await vscode.window.withProgress(options, async (progress, token): Promise<Applied> => {
    const signal = signalOf(token);
    progress.report({ message: 'opening a pull request' });
    let pull = await applyPull(plan, await tools.penOf(plan.folder), pulls, signal);
    void showPull(plan, pull, tools.reporter);
    while (pull.state === 'open') {
      progress.report({ message: `waiting for pull request ${pull.number} to be merged` });
      await pause(systemClock, pollMs, signal);
      pull = await reader.pull(at, pull.number, signal);
    }
    if (pull.state === 'merged') return { kind: 'landed', commit: pull.mergeCommit ?? plan.base, plan };
    const reason = `Pull request ${pull.number} was closed without being merged: nothing was written.`;
    return { kind: 'refusal', reason };
  });
}

async function showPull(
  { title }: CommitPlan,
  { number, url }: { readonly number: number; readonly url: string },
  reporter: Reporter,
): Promise<void> {
  if (await reporter.offer(`${title}: pull request ${number} is open.`, 'Show It')) {
    await vscode.env.openExternal(vscode.Uri.parse(url));
  }
}
