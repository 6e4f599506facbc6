// The only writer. A plan names the commit it was made from; the push is refused by Git when the branch has moved, so
// nothing is written half and nothing of somebody else's is lost. Applying a plan twice is the same as once.
import type { ObjectReference } from '../model/flux';
import { ProblemError } from '../model/problem';
import type { CommitPlan, DispatchPlan } from './plan';

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

/** The tip of the followed branch as its remote has it now. */
export type ReadTip = (signal: AbortSignal) => Promise<string>;

/** The hash of the pushed commit. Rejects with `base-moved` when the branch is not where the plan was made. */
export async function applyCommit(
  plan: CommitPlan,
  pen: CommitPen,
  readTip: ReadTip,
  signal: AbortSignal,
): Promise<string> {
  const { remote, branch, base } = plan;
  if ((await readTip(signal)) !== base) {
    throw new ProblemError({
      code: 'base-moved',
      message: `${branch} has moved since this was planned. Look at it again and repeat the command.`,
    });
  }
  const files = new Map(plan.changes.map((change) => [change.file, change.after]));
  const commit = await pen.commitFiles({ parent: base, message: plan.message, files }, signal);
  signal.throwIfAborted();
  // A push that is cut off may have arrived: what has begun is waited for, within the pen's own time limit.
  const { signal: unstoppable } = new AbortController();
  await pen.push({ remote, commit, branch }, unstoppable);
  await pen.updateRemoteRef({ remote, commit, branch, previous: base }, unstoppable);
  return commit;
}

/** The writing half of a forge. */
export interface DispatchPen {
  dispatch(
    at: { readonly owner: string; readonly repository: string },
    dispatch: { readonly workflow: string; readonly ref: string; readonly inputs: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<{ readonly runId?: number; readonly url?: string }>;
}

/** The id of the run that was started, or undefined where the forge does not say which. */
export async function applyDispatch(
  { owner, repository, workflow, ref, inputs }: DispatchPlan,
  pen: DispatchPen,
  signal: AbortSignal,
): Promise<number | undefined> {
  signal.throwIfAborted();
  // Cut off, the run may have started all the same, and nobody would follow it.
  const { signal: unstoppable } = new AbortController();
  const { runId } = await pen.dispatch({ owner, repository }, { workflow, ref, inputs }, unstoppable);
  return runId;
}

/** The writing half of a cluster: it only asks an object to reconcile now. */
export interface ReconcilePen {
  requestReconcile(object: ObjectReference, token: string, signal: AbortSignal): Promise<void>;
}

/** `token` differs from the last one; Flux compares the text only (fluxcd/pkg apis/meta/annotations.go). */
export async function applyReconcile(
  object: ObjectReference,
  pen: ReconcilePen,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  await pen.requestReconcile(object, new Date(now).toISOString(), signal);
}
