// Follows one workflow run to its end. A forge that does not answer for a while says nothing about the run, so it is asked on.
import { type Clock, pause } from '../base/clock';
import type { DispatchPlan } from '../changes/plan';
import { runEnd } from '../fleet/promotionRuns';
import type { Facts, WorkflowRun } from '../model/facts';
import { canonicalImage } from '../model/image';
import { type ProblemCode, ProblemError } from '../model/problem';
import { valueOf } from '../model/reading';
import type { World } from './world';

export type StartedRun =
  | { readonly id: number }
  /** The forge did not say which: it is none of these, which were there before. */
  | { readonly before: ReadonlySet<number> };

export interface RunToFollow {
  readonly plan: Pick<DispatchPlan, 'image' | 'workflow'>;
  readonly run: StartedRun;
  readonly world: Pick<World, 'facts' | 'refresh' | 'readRun'>;
  readonly say: (message: string) => void;
  readonly clock: Clock;
}

/** How often a run is asked about. */
const runPollMs = 3000;

/** Trouble of the way or of the moment; whoever may not look, or looks at nothing, need not go on. */
const passing: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'forge-unreachable',
  'forge-failed',
  'forge-rate-limited',
  'timed-out',
]);

/** Ids of the runs that are known now. */
export function knownRuns({ forges }: Facts, image: string): ReadonlySet<number> {
  return new Set(valueOf(forges.get(canonicalImage(image)))?.runs.map(({ id }) => id));
}

/** Resolves when the run has succeeded; a run that failed is a problem that names the step. */
export async function followRun(following: RunToFollow, signal: AbortSignal): Promise<void> {
  const { say, clock } = following;
  for (;;) {
    const run = await readRun(following, signal);
    if (run !== undefined) {
      const step = run.steps.find((one) => one.state === 'running');
      say(step === undefined ? `run ${run.id} is ${run.state}` : `run ${run.id}: ${step.name}`);
      if (run.state === 'succeeded') return;
      if (run.state === 'failed' || run.state === 'cancelled') throw runFailed(run);
    }
    await pause(clock, runPollMs, signal);
  }
}

async function readRun({ plan, run, world, say }: RunToFollow, signal: AbortSignal): Promise<WorkflowRun | undefined> {
  try {
    const id = 'id' in run ? run.id : await findRun(run.before, plan, world, signal);
    return id === undefined ? undefined : await world.readRun(plan.image, id, signal);
  } catch (error) {
    if (!(error instanceof ProblemError) || !passing.has(error.problem.code)) throw error;
    say(`started; ${error.problem.message}`);
    return undefined;
  }
}

/** The newest run of the workflow that was not there before. */
async function findRun(
  before: ReadonlySet<number>,
  { image, workflow }: RunToFollow['plan'],
  world: RunToFollow['world'],
  signal: AbortSignal,
): Promise<number | undefined> {
  await world.refresh(signal);
  const runs = valueOf(world.facts.forges.get(canonicalImage(image)))?.runs ?? [];
  return runs.find((one) => one.workflow.endsWith(workflow) && !before.has(one.id))?.id;
}

function runFailed(run: WorkflowRun): ProblemError {
  return new ProblemError({
    code: 'run-failed',
    message: `Run ${run.id} ${runEnd(run)}. Whether it made the tag before that, and why it ended, its log says: ${run.url}`,
  });
}
