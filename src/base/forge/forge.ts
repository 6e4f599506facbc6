// A forge as the rest of the code sees it: a reading and a writing half, and what it cannot do, said before it is tried.
// Everything rejects with a `forge-…` problem, `timed-out` or `too-large`.
import type { Approval, Comparison, OpenPull, RepositoryCommit, Workflow, WorkflowRun } from '../../model/facts';

export interface ForgeRepository {
  readonly owner: string;
  readonly repository: string;
}

export interface RepositoryRecord {
  readonly defaultBranch: string;
  /** Whether this login may push, and so start workflows; undefined where the forge does not say. */
  readonly mayWrite?: boolean;
}

export interface RunFilter {
  readonly limit: number;
  readonly event?: string;
}

export type RunProgress = Pick<WorkflowRun, 'state' | 'steps'>;

export interface Release {
  readonly name: string;
  readonly tag: string;
  readonly url: string;
  readonly at: number;
  readonly isDraft: boolean;
}

export interface Pull {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** What came to the base branch: a merge, a squash or the last rebased commit. */
  readonly mergeCommit?: string;
}

export interface PullDraft {
  /** The pushed branch with the change, and the branch that it goes into. */
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

export interface BranchRules {
  /** Whether a push by this login is refused, as far as the forge tells. */
  readonly needsPull: boolean;
  /** What is asked for: `a pull request`, `a merge queue`; for a person. */
  readonly rules: readonly string[];
}

export interface ForgeReader {
  repository(at: ForgeRepository, signal: AbortSignal): Promise<RepositoryRecord>;
  /** Active workflows that a person can dispatch, by their files on `ref`. */
  workflows(at: ForgeRepository, ref: string, signal: AbortSignal): Promise<readonly Workflow[]>;
  /** Newest first, without steps. */
  runs(at: ForgeRepository, filter: RunFilter, signal: AbortSignal): Promise<readonly WorkflowRun[]>;
  /** With the steps of all jobs of the latest attempt. */
  run(at: ForgeRepository, id: number, signal: AbortSignal): Promise<WorkflowRun>;
  /** Where a run stands, mostly by one request: for looking again and again. */
  progress(at: ForgeRepository, id: number, signal: AbortSignal): Promise<RunProgress>;
  /** Newest first. */
  commits(at: ForgeRepository, ref: string, limit: number, signal: AbortSignal): Promise<readonly RepositoryCommit[]>;
  /** The last lines of the jobs that failed, or of the last job when none did. */
  logTail(at: ForgeRepository, runId: number, lines: number, signal: AbortSignal): Promise<readonly string[]>;
  /** What a run waits for; none where the forge knows no approvals. */
  approvals(at: ForgeRepository, runId: number, signal: AbortSignal): Promise<readonly Approval[]>;
  /** Names of the deployment environments, for inputs that ask for one. */
  environments(at: ForgeRepository, signal: AbortSignal): Promise<readonly string[]>;
  /** A file's text; undefined where there is no such file. */
  contents(at: ForgeRepository, path: string, ref: string, signal: AbortSignal): Promise<string | undefined>;
  compare(at: ForgeRepository, base: string, head: string, signal: AbortSignal): Promise<Comparison>;
  /** Newest first. */
  releases(at: ForgeRepository, limit: number, signal: AbortSignal): Promise<readonly Release[]>;
  branchRules(at: ForgeRepository, branch: string, signal: AbortSignal): Promise<BranchRules>;
  pull(at: ForgeRepository, number: number, signal: AbortSignal): Promise<Pull>;
  /** Into a branch, from branches of the same repository; at most a hundred. */
  openPulls(at: ForgeRepository, into: string, signal: AbortSignal): Promise<readonly OpenPull[]>;
}

export interface Dispatch {
  /** `.github/workflows/x.yml`, or its last part. */
  readonly workflow: string;
  /** Branch or tag. */
  readonly ref: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/** What the forge says about the run that it started; older servers say nothing. */
export interface Dispatched {
  readonly runId?: number;
  readonly url?: string;
}

export interface ForgeWriter {
  dispatch(at: ForgeRepository, dispatch: Dispatch, signal: AbortSignal): Promise<Dispatched>;
  approve(
    at: ForgeRepository,
    runId: number,
    approvals: readonly Approval[],
    comment: string,
    signal: AbortSignal,
  ): Promise<void>;
  /** The open one of the same branches where there is one: asking twice is the same as once. */
  openPull(at: ForgeRepository, draft: PullDraft, signal: AbortSignal): Promise<Pull>;
}

/** What a promotion or a rollback may want of a forge. */
export type ForgeAbility = 'approvals' | 'environments' | 'run id' | 'steps' | 'log';

export interface Forge {
  /** `GitHub`, `Gitea`; for a person. */
  readonly title: string;
  /** Written by the documented API and not tried on the real thing. */
  readonly isExperimental: boolean;
  /** What it cannot do, each with a sentence for a person. */
  readonly lacks: Readonly<Partial<Record<ForgeAbility, string>>>;
  readonly reader: ForgeReader;
  readonly writer: ForgeWriter;
}

/** The last part of a workflow's path, which names it in addresses. */
export function workflowFileName(workflow: string): string {
  return workflow.slice(workflow.lastIndexOf('/') + 1);
}
