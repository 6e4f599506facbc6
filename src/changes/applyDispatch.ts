// Starting a workflow, once: a run that carries the same promotion is taken for it, and an answer that was lost is looked for
// among the runs before anybody is told that nothing was started.
import { isInFlight, isRunOf, wordsOfTitle } from '../fleet/promotionRuns';
import type { WorkflowRun } from '../model/facts';
import { ProblemError } from '../model/problem';
import type { DispatchPlan } from './plan';

interface RepositoryOfPlan {
  readonly owner: string;
  readonly repository: string;
}

/** The halves of a forge that are needed here. */
export interface DispatchForge {
  readonly reader: {
    runs(
      at: RepositoryOfPlan,
      filter: { readonly limit: number },
      signal: AbortSignal,
    ): Promise<readonly WorkflowRun[]>;
  };
  readonly writer: {
    dispatch(
      at: RepositoryOfPlan,
      dispatch: { readonly workflow: string; readonly ref: string; readonly inputs: Readonly<Record<string, string>> },
      signal: AbortSignal,
    ): Promise<{ readonly runId?: number; readonly url?: string }>;
  };
}

/** `exact`: the forge said so. `correlated`: it carries this promotion in its title. `probable`: it came when it was asked for. */
type Certainty = 'exact' | 'correlated' | 'probable';

export type StartedRun =
  | { readonly id: number; readonly certainty: Certainty }
  /** The forge did not say which: it is none of these, which were there before. */
  | { readonly before: ReadonlySet<number> };

/** A run of any workflow; only a promotion can be told by its tag. */
export type DispatchRequest = Pick<DispatchPlan, 'owner' | 'repository' | 'workflow' | 'ref' | 'inputs'> & RunMarks;

/** What tells a run from others of its workflow. */
export type RunMarks = Pick<DispatchPlan, 'workflow'> & Partial<Pick<DispatchPlan, 'source' | 'correlation'>>;

/** How many runs are looked through. */
const lookedThrough = 20;

/** Applying a plan twice, or again after the network was cut, starts one run. */
export async function applyDispatch(
  plan: DispatchRequest,
  { reader, writer }: DispatchForge,
  signal: AbortSignal,
): Promise<StartedRun> {
  const { owner, repository, workflow, ref, inputs } = plan;
  const at = { owner, repository };
  const runs = await reader.runs(at, { limit: lookedThrough }, signal);
  const started = runs.find((run) => isInFlight(run) && carries(run, plan));
  if (started !== undefined) return { id: started.id, certainty: 'correlated' };
  const before = new Set(runs.map(({ id }) => id));
  signal.throwIfAborted();
  // Cut off, the run may have started all the same, and nobody would follow it.
  const { signal: unstoppable } = new AbortController();
  try {
    const { runId } = await writer.dispatch(at, { workflow, ref, inputs }, unstoppable);
    return runId === undefined ? { before } : { id: runId, certainty: 'exact' };
  } catch (error) {
    if (!(error instanceof ProblemError) || !leavesOpen.has(error.problem.code)) throw error;
    return await findLost(plan, reader, before, error);
  }
}

/** After these the forge may have started the run all the same. */
const leavesOpen: ReadonlySet<string> = new Set(['forge-unreachable', 'timed-out', 'forge-failed']);

async function findLost(
  plan: DispatchRequest,
  reader: DispatchForge['reader'],
  before: ReadonlySet<number>,
  lost: ProblemError,
): Promise<StartedRun> {
  const { signal } = new AbortController();
  try {
    const runs = await reader.runs(plan, { limit: lookedThrough }, signal);
    const found = findStarted(runs, plan, before);
    if (found !== undefined) return found;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { problem } = lost;
    const message = `${problem.message} Whether the run was started is not known: repeat the command, which looks before it starts one.`;
    throw new ProblemError({ ...problem, message });
  }
  throw lost;
}

/** Among the runs that were not there before. */
export function findStarted(
  runs: readonly WorkflowRun[],
  plan: RunMarks,
  before: ReadonlySet<number>,
): Extract<StartedRun, { readonly id: number }> | undefined {
  const fresh = runs.filter((run) => isRunOf(run, { path: plan.workflow }) && !before.has(run.id));
  const own = fresh.find((run) => carries(run, plan));
  if (own !== undefined) return { id: own.id, certainty: 'correlated' };
  const [newest] = fresh;
  return newest && { id: newest.id, certainty: 'probable' };
}

/** Whether the run's title names the promotion: by what it was given for that, or by the tag that it promotes. */
function carries(run: WorkflowRun, { workflow, correlation, source }: RunMarks): boolean {
  if (!isRunOf(run, { path: workflow })) return false;
  const words = wordsOfTitle(run);
  return [correlation, source?.tag].some((mark) => mark !== undefined && words.has(mark));
}
