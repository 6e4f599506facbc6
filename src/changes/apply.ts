// The only writer. A plan names the commit it was made from; the push is refused by Git when the branch has moved, so
// nothing is written half and nothing of somebody else's is lost. Applying a plan twice is the same as once.
import type { Commit } from '../model/facts';
import { ProblemError } from '../model/problem';
import { changedText } from './patchText';
import type { CommitPlan, Refusal } from './plan';

/** The writing half of Git: builds commits without a work tree and pushes them by hash. */
export interface CommitPen {
  commitFiles(
    draft: { readonly parent: string; readonly message: string; readonly files: ReadonlyMap<string, string> },
    signal: AbortSignal,
  ): Promise<string>;
  push(
    target: { readonly remote: string; readonly commit: string; readonly branch: string },
    signal: AbortSignal,
  ): Promise<void>;
  updateRemoteRef(
    target: { readonly remote: string; readonly commit: string; readonly branch: string; readonly previous: string },
    signal: AbortSignal,
  ): Promise<void>;
}

/** The followed branch as its remote has it now. */
export interface BranchReader {
  tip(signal: AbortSignal): Promise<string>;
  /** Commits of `tip` that `base` does not contain, newest first. */
  commitsSince(base: string, tip: string, signal: AbortSignal): Promise<readonly Commit[]>;
}

/**
 * The hash of the pushed commit, or of the one by which the same plan has landed before: what was cut off may have arrived.
 * Rejects with `base-moved` when the branch is not where the plan was made.
 */
export async function applyCommit(
  plan: CommitPlan,
  pen: CommitPen,
  reader: BranchReader,
  signal: AbortSignal,
): Promise<string> {
  const { remote, branch, base } = plan;
  const landed = await findLanded(plan, reader, signal);
  if (landed !== undefined) return landed;
  const files = new Map(plan.changes.map((change) => [change.file, change.after]));
  const commit = await pen.commitFiles({ parent: base, message: plan.message, files }, signal);
  signal.throwIfAborted();
  // A push that is cut off may have arrived: what has begun is waited for, within the pen's own time limit.
  const { signal: unstoppable } = new AbortController();
  try {
    await pen.push({ remote, commit, branch }, unstoppable);
  } catch (error) {
    if (!(await hasArrived(plan, reader, unstoppable))) throw error;
  }
  await pen.updateRemoteRef({ remote, commit, branch, previous: base }, unstoppable);
  return commit;
}

/** Undefined where the branch is still at the plan's base; rejects where it has moved without this plan. */
async function findLanded(plan: CommitPlan, reader: BranchReader, signal: AbortSignal): Promise<string | undefined> {
  const { base, branch, message } = plan;
  const tip = await reader.tip(signal);
  if (tip === base) return undefined;
  const since = await reader.commitsSince(base, tip, signal);
  const landed = since.find((commit) => commit.message.trimEnd() === message.trimEnd());
  if (landed !== undefined) return landed.hash;
  throw new ProblemError({
    code: 'base-moved',
    message: `${branch} has moved since this was planned. Look at it again and repeat the command.`,
  });
}

/** After a push that failed: the answer may have been lost, not the push. */
async function hasArrived(plan: CommitPlan, reader: BranchReader, signal: AbortSignal): Promise<boolean> {
  try {
    return (await findLanded(plan, reader, signal)) !== undefined;
  } catch (error) {
    // Whatever else is wrong now, the push's own trouble is what is told.
    if (error instanceof ProblemError) return false;
    throw error;
  }
}

/** Every push may lose a race against the automation; more than these in a row is no race any more. */
const maximumAttempts = 10;

export type Applied =
  | { readonly kind: 'landed'; readonly commit: string; readonly plan: CommitPlan }
  /** On the new tip the plan says something else: it is to be looked at again. */
  | { readonly kind: 'changed'; readonly plan: CommitPlan }
  | Refusal;

/** Plans again on the new tip where the branch has moved, as long as the plan stays the same. */
export async function applyOnTip(
  first: CommitPlan,
  replan: (signal: AbortSignal) => Promise<CommitPlan | Refusal>,
  pen: CommitPen,
  reader: BranchReader,
  signal: AbortSignal,
): Promise<Applied> {
  let plan = first;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { kind: 'landed', commit: await applyCommit(plan, pen, reader, signal), plan };
    } catch (error) {
      if (!(error instanceof ProblemError) || !hasMoved(error) || attempt === maximumAttempts) throw error;
    }
    const next = await replan(signal);
    if (next.kind === 'refusal') return next;
    if (!isSame(plan, next)) return { kind: 'changed', plan: next };
    plan = next;
  }
}

function hasMoved({ problem }: ProblemError): boolean {
  return problem.code === 'base-moved' || problem.code === 'git-push-rejected';
}

function isSame(one: CommitPlan, other: CommitPlan): boolean {
  return one.message === other.message && changedText(one.changes) === changedText(other.changes);
}
