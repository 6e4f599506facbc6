// From an agreed plan to a commit on the followed branch: planned again where the branch has moved, asked again where it then
// says something else.
import * as vscode from 'vscode';
import { type Applied, applyOnTip, type BranchReader } from '../changes/apply';
import type { ClusterPen } from '../changes/applyCluster';
import type { CommitPlan, Refusal } from '../changes/plan';
import type { PlacementId } from '../model/fleet';
import { ProblemError } from '../model/problem';
import { type AgreeTools, agreePlan } from './agreePlan';
import { signalOf } from './signals';
import { forgeOf, type PullTools, writeByPull } from './writeByPull';

export interface WriteTools extends AgreeTools, PullTools {
  readonly clusterPenOf: (context: string) => ClusterPen;
  readonly branchOf: (plan: CommitPlan) => BranchReader;
  /** Asks Flux to fetch Git for a placement; where that may not be asked it is left to the interval. */
  readonly fetchNow: (target: PlacementId, signal: AbortSignal) => Promise<void>;
}

export interface Written {
  readonly plan: CommitPlan;
  /** On the followed branch. */
  readonly commit: string;
}

/** `replan` makes the same plan from the facts of now; `rule` is what the branch asks for instead of a push. Undefined when it refuses by now, or when the user leaves. */
export async function writePlan(
  { plan: agreed }: { readonly plan: CommitPlan },
  replan: () => CommitPlan | Refusal,
  tools: WriteTools,
  rule?: string,
): Promise<Written | undefined> {
  const { world, reporter, penOf, branchOf } = tools;
  const options = { location: vscode.ProgressLocation.Notification, title: agreed.title, cancellable: true };
  let plan = agreed;
  const push = async (): Promise<Applied> =>
    await vscode.window.withProgress(options, async (progress, token) => {
      progress.report({ message: 'committing and pushing' });
      const again = async (signal: AbortSignal) => {
        await world.refresh(signal);
        return replan();
      };
      return await applyOnTip(plan, again, await penOf(plan.folder), branchOf(plan), signalOf(token));
    });
  for (;;) {
    const applied = rule === undefined ? await pushOrPull(plan, tools, push) : await writeByPull(plan, tools);
    if (applied === undefined || applied.kind === 'landed') return applied;
    if (applied.kind === 'refusal') {
      reporter.refused(applied);
      return undefined;
    }
    reporter.warned(`${plan.branch} has moved, and the change is another one now. Look at it again.`);
    ({ plan } = applied);
    if (!(await agreePlan(plan, tools))) return undefined;
  }
}

/** A branch that turns out to be protected gets a pull request, where one commit is all. */
async function pushOrPull(
  plan: CommitPlan,
  tools: WriteTools,
  push: () => Promise<Applied>,
): Promise<Applied | undefined> {
  try {
    return await push();
  } catch (error) {
    const isProtected = error instanceof ProblemError && error.problem.code === 'git-push-protected';
    if (!isProtected || plan.second !== undefined || forgeOf(plan.folder, tools) === undefined) throw error;
    if (!(await tools.reporter.offer(error.problem.message, 'Open Pull Request'))) return undefined;
    return await writeByPull(plan, tools);
  }
}

/** The user's own branch is behind now, where it is the one that was written to. */
export async function offerPull(text: string, { plan }: Written, { reporter, cloneOf }: WriteTools): Promise<void> {
  const clone = cloneOf(plan.folder);
  const head = await clone.reader.head(new AbortController().signal);
  const pull = head.state === 'branch' && head.branch === plan.branch ? await clone.pull() : undefined;
  if (pull === undefined) reporter.done(text);
  else if (await reporter.offer(text, 'Pull')) await pull();
}
