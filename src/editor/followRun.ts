// Follows one workflow run to its end. A forge that does not answer for a while says nothing about the run, so it is asked on.
import { type Clock, pause } from '../base/clock';
import { causeOf } from '../base/redact';
import { findStarted, type RunMarks, type StartedRun } from '../changes/applyDispatch';
import type { DispatchPlan } from '../changes/plan';
import { runEnd } from '../fleet/promotionRuns';
import { latenessText, usualRunMs } from '../fleet/usual';
import type { WorkflowRun } from '../model/facts';
import { canonicalImage } from '../model/image';
import { type ProblemCode, ProblemError } from '../model/problem';
import { valueOf } from '../model/reading';
import type { World } from './world';

export interface RunToFollow {
  readonly plan: RunMarks & Pick<DispatchPlan, 'image'>;
  readonly run: StartedRun;
  readonly world: Pick<World, 'facts' | 'readRuns' | 'readRun'>;
  readonly say: (message: string) => void;
  readonly clock: Clock;
  /** Called once when the run waits for a person. */
  readonly onWaiting?: (run: WorkflowRun) => void;
  /** The last lines of what a failed run says. */
  readonly tail?: (id: number, signal: AbortSignal) => Promise<readonly string[]>;
}

/** How often a run is asked about: by one request, but at its end. */
const runPollMs = 5000;
/** An accepted dispatch without a run: GitHub lists one within seconds. */
const runAppearsMs = 90_000;

/** Trouble of the way or of the moment; whoever may not look, or looks at nothing, need not go on. */
const passing: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'forge-unreachable',
  'forge-failed',
  'forge-rate-limited',
  'timed-out',
]);

const how: Readonly<Record<Extract<StartedRun, { readonly id: number }>['certainty'], string>> = {
  exact: '',
  correlated: '',
  probable: ' (probably this one: the forge does not say which it started)',
};

/** Resolves with the run when it has succeeded; a run that failed is a problem that names the step. */
export async function followRun(following: RunToFollow, signal: AbortSignal): Promise<WorkflowRun> {
  const { say, clock, plan, world, onWaiting } = following;
  const since = clock.now();
  const { runs = [] } = valueOf(world.facts.forges.get(canonicalImage(plan.image))) ?? {};
  const usualMs = usualRunMs(runs, { path: plan.workflow });
  let started = following.run;
  let isTold = false;
  for (;;) {
    const seen = await readRun(following, started, signal);
    if (seen !== undefined) {
      const { run } = seen;
      started = seen.started;
      const late = latenessText(clock.now() - since, usualMs);
      const step = run.steps.find((one) => one.state === 'running');
      say(
        `run ${run.id}${step === undefined ? ` is ${run.state}` : `: ${step.name}`}${late}${how[seen.started.certainty]}`,
      );
      if (run.state === 'succeeded') return run;
      if (run.state === 'failed' || run.state === 'cancelled') throw await runFailed(run, following, signal);
      if (run.state === 'waiting' && !isTold) onWaiting?.(run);
      isTold = run.state === 'waiting';
    } else if (!('id' in started) && clock.now() - since > runAppearsMs) throw noRun(plan);
    await pause(clock, runPollMs, signal);
  }
}

interface Seen {
  readonly started: Extract<StartedRun, { readonly id: number }>;
  readonly run: WorkflowRun;
}

async function readRun(
  { plan, world, say }: RunToFollow,
  started: StartedRun,
  signal: AbortSignal,
): Promise<Seen | undefined> {
  try {
    if ('id' in started) return { started, run: await world.readRun(plan.image, started.id, signal) };
    const runs = await world.readRuns(plan.image, signal);
    const found = findStarted(runs, plan, started.before);
    const run = runs.find(({ id }) => id === found?.id);
    return found && run && { started: found, run };
  } catch (error) {
    if (!(error instanceof ProblemError) || !passing.has(error.problem.code)) throw error;
    say(`started; ${error.problem.message}`);
    return undefined;
  }
}

const tailLines = 12;

async function runFailed(run: WorkflowRun, { tail }: RunToFollow, signal: AbortSignal): Promise<ProblemError> {
  const lines = (await readTail(run.id, tail, signal)).map(withoutTime).filter((line) => line !== '');
  const last = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1);
  const said = last === undefined ? '' : ` It says: ${causeOf(last.replace(/^##\[error\]/, ''), 200)}`;
  return new ProblemError({
    code: 'run-failed',
    message: `Run ${run.id} ${runEnd(run)}.${said} Whether it made the tag before that, its log says: ${run.url}`,
    ...(lines.length === 0 ? {} : { cause: causeOf(lines.slice(-tailLines).join('\n'), 4000) }),
  });
}

/** The log is an addition: without it the step is still named. */
async function readTail(id: number, tail: RunToFollow['tail'], signal: AbortSignal): Promise<readonly string[]> {
  try {
    return (await tail?.(id, signal)) ?? [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return [];
  }
}

/** GitHub puts a time before each line. */
function withoutTime(line: string): string {
  return line.replace(/^\d{4}-\d\d-\d\dT\S+Z /, '').trim();
}

function noRun({ workflow }: RunMarks): ProblemError {
  return new ProblemError({
    code: 'run-missing',
    message: `The forge accepted the request, and no run of ${workflow} has begun. Look at its page for disabled workflows or runners, then repeat the command.`,
  });
}
