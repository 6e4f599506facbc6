import type { Approval } from '../model/facts';

interface Repository {
  readonly owner: string;
  readonly repository: string;
}

/** The writing half of a forge. */
export interface ApprovalPen {
  approve(
    at: Repository,
    runId: number,
    approvals: readonly Approval[],
    comment: string,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Gives the user's word to what a run waits for. Approving what was approved is refused by the forge, and harmless. */
export async function applyApproval(
  at: Repository,
  runId: number,
  approvals: readonly Approval[],
  pen: ApprovalPen,
  signal: AbortSignal,
): Promise<void> {
  await pen.approve(at, runId, approvals, 'Approved from VS Code by Flux Promote', signal);
}
