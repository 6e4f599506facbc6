// Where the followed branch takes no push: the same commit on a branch of its own, and a pull request for it. Doing it twice is
// the same as once: the branch is named after the plan, and the forge gives the open request again.
import { branchWord, pullPrefix } from '../fleet/openPulls';
import { ProblemError } from '../model/problem';
import type { CommitPen } from './apply';
import type { CommitPlan } from './plan';

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** What came to the base branch. */
  readonly mergeCommit?: string;
}

/** The writing half of the forge that the remote lies on. */
export interface PullPen {
  openPull(
    draft: { readonly head: string; readonly base: string; readonly title: string; readonly body: string },
    signal: AbortSignal,
  ): Promise<PullRequest>;
}

export async function applyPull(
  plan: CommitPlan,
  pen: CommitPen,
  pulls: PullPen,
  signal: AbortSignal,
): Promise<PullRequest> {
  const { remote, base, branch, message, changes } = plan;
  const head = pullBranch(plan);
  const files = new Map(changes.map(({ file, after }) => [file, after]));
  const commit = await pen.commitFiles({ parent: base, message, files }, signal);
  signal.throwIfAborted();
  const { signal: unstoppable } = new AbortController();
  try {
    await pen.push({ remote, commit, branch: head }, unstoppable);
  } catch (error) {
    // The branch is there already: this plan was pushed before, and the request for it may not have been made.
    if (!(error instanceof ProblemError) || error.problem.code !== 'git-push-rejected') throw error;
  }
  const [title = '', ...body] = message.split('\n');
  return await pulls.openPull({ head, base: branch, title, body: body.join('\n').trim() }, unstoppable);
}

/** `flux-promote/backend-production-025c591…`, the same for the same plan on the same tip. */
export function pullBranch({ target, base }: CommitPlan): string {
  return `${pullPrefix(target)}${branchWord(target.tag)}-${base.slice(0, 7)}`;
}
