// How long a promotion's run usually takes here, from this service's own earlier runs.
import type { Workflow, WorkflowRun } from '../model/facts';
import { isRunOf } from './promotionRuns';

/** Fewer say nothing. */
const fewestRuns = 3;

/** From dispatch to success, the median of the runs at hand; undefined where there are too few. */
export function usualRunMs(runs: readonly WorkflowRun[], workflow: Pick<Workflow, 'path'>): number | undefined {
  return median(succeeded(runs, workflow).map(({ createdAt, updatedAt }) => updatedAt - createdAt));
}

/** Whether something takes notably longer than it usually does: half as long again, and at least some seconds. */
export function isUnusual(elapsedMs: number, usualMs: number | undefined): boolean {
  return usualMs !== undefined && elapsedMs > Math.max(1.5 * usualMs, usualMs + 5000);
}

function succeeded(runs: readonly WorkflowRun[], workflow: Pick<Workflow, 'path'>): readonly WorkflowRun[] {
  return runs.filter((run) => run.state === 'succeeded' && run.createdAt > 0 && isRunOf(run, workflow));
}

function median(values: readonly number[]): number | undefined {
  if (values.length < fewestRuns) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
