// Carries out the runs of workflows, step by step, by what stands in the workflow file of the commit they run on.
// It has no idea of what a workflow is for.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { owner } from '../../content/names';
import type { Conclusion, ForgeState, StoredJob, StoredRun } from '../forgeState';
import { labLogin } from '../shapes/account';
import type { Workflow, WorkflowJob } from '../workflowFile';
import { executeStep, type StepScene } from './executeStep';
import { fillExpressions } from './expressions';

export interface RunnerOptions {
  readonly state: ForgeState;
  readonly gitRoot: string;
  /** `http://127.0.0.1:PORT` of the forge, which runs when it is asked. */
  readonly forgeUrl: () => string;
  readonly registryUrl: string;
  readonly now: () => number;
  /** How long a step takes at least, so that one can watch it. */
  readonly stepMs: number;
  /** Jobs of these wait for `approve`. */
  readonly protectedEnvironments: readonly string[];
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #stop = new AbortController();
  readonly #cancelled = new Set<number>();
  /** What lets a waiting run go on. */
  readonly #approvals = new Map<number, () => void>();
  /** The end of the last run of each concurrency group. */
  readonly #groups = new Map<string, Promise<void>>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** The run is already in the state, as queued. */
  start(run: StoredRun, workflow: Workflow): void {
    // Of an earlier attempt.
    this.#cancelled.delete(run.id);
    const group = workflow.concurrency === undefined ? undefined : `${run.repository}/${workflow.concurrency}`;
    const before = (group !== undefined && this.#groups.get(group)) || Promise.resolve();
    const done = before.then(() => this.#execute(run, workflow)).catch((error: unknown) => this.#fail(run, error));
    if (group !== undefined) {
      this.#groups.set(group, done);
    }
    this.#running.add(done);
    void done.finally(() => this.#running.delete(done));
  }

  /** Says whether the run was waiting. */
  approve(run: StoredRun): boolean {
    const goOn = this.#approvals.get(run.id);
    goOn?.();
    return goOn !== undefined;
  }

  /** The step that runs comes to its end, the next ones do not begin. */
  cancel(run: StoredRun): void {
    this.#cancelled.add(run.id);
    this.#approvals.get(run.id)?.();
  }

  /** Runs that are not done stay as they are in the state; `endAbandonedRuns` tells of them at the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async #execute(run: StoredRun, workflow: Workflow): Promise<void> {
    await this.#pause();
    let conclusion: Conclusion = 'success';
    run.status = 'in_progress';
    for (const [index, job] of run.jobs.entries()) {
      const definition = workflow.jobs[index];
      if (definition && conclusion === 'success') {
        conclusion = await this.#executeJob(run, job, definition);
      } else {
        endJob(job, 'skipped', this.#options.now());
      }
      if (this.#stop.signal.aborted) {
        return;
      }
    }
    run.status = 'completed';
    run.conclusion = conclusion;
    await this.#save(run);
  }

  /** A bug of the runner itself ends the run as a lost runner would; the log says what happened. */
  #fail(run: StoredRun, error: unknown): void {
    const now = this.#options.now();
    for (const job of run.jobs) {
      job.log.push(`${new Date(now).toISOString()} ##[error]${error instanceof Error ? error.stack : String(error)}`);
    }
    endRun(run, now);
  }

  async #executeJob(run: StoredRun, job: StoredJob, definition: WorkflowJob): Promise<Conclusion> {
    const { now } = this.#options;
    const scene = this.#sceneOf(run, job, definition);
    await this.#awaitApproval(run, job);
    let conclusion: Conclusion = 'success';
    job.status = 'in_progress';
    job.startedAt = now();
    // GitHub puts a step of its own before and after those of the file.
    const work = [undefined, ...definition.steps, undefined];
    for (const [index, step] of job.steps.entries()) {
      if (this.#cancelled.has(run.id)) {
        conclusion = 'cancelled';
      }
      const todo = work[index];
      if (conclusion !== 'success' && todo) {
        Object.assign(step, { status: 'completed', conclusion: conclusion === 'cancelled' ? 'cancelled' : 'skipped' });
        continue;
      }
      step.status = 'in_progress';
      step.startedAt = now();
      await this.#save(run);
      await this.#pause();
      if (this.#stop.signal.aborted) {
        return 'cancelled';
      }
      const isDone = todo === undefined || (await executeStep(todo, scene));
      step.status = 'completed';
      step.conclusion = isDone ? 'success' : 'failure';
      step.completedAt = now();
      if (!isDone) {
        conclusion = 'failure';
      }
    }
    endJob(job, conclusion, now());
    await this.#save(run);
    return conclusion;
  }

  async #awaitApproval(run: StoredRun, job: StoredJob): Promise<void> {
    if (job.environment === undefined || !this.#options.protectedEnvironments.includes(job.environment)) return;
    const { signal } = this.#stop;
    const approved = new Promise<void>((resolve) => {
      this.#approvals.set(run.id, resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    run.status = 'waiting';
    job.status = 'waiting';
    await this.#save(run);
    await approved;
    this.#approvals.delete(run.id);
    run.status = 'in_progress';
  }

  #sceneOf(run: StoredRun, job: StoredJob, definition: WorkflowJob): StepScene {
    const { gitRoot, forgeUrl, registryUrl, now } = this.#options;
    const expressions = expressionsOf(run, new URL(registryUrl).host);
    const variables = Object.entries(definition.env).map(
      ([name, value]) => [name, fillExpressions(value, expressions)] as const,
    );
    return {
      repository: join(gitRoot, `${run.repository}.git`),
      name: run.repository,
      registryUrl,
      pageUrl: `${forgeUrl()}/${owner}/${run.repository}`,
      now,
      print: (line) => {
        job.log.push(`${new Date(now()).toISOString()} ${line}`);
      },
      expressions,
      variables: new Map(variables),
    };
  }

  async #pause(): Promise<void> {
    try {
      await sleep(this.#options.stepMs, undefined, { signal: this.#stop.signal });
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        throw error;
      }
    }
  }

  async #save(run: StoredRun): Promise<void> {
    run.updatedAt = this.#options.now();
    await this.#options.state.save();
  }
}

/** What `${{ … }}` may name. */
export function expressionsOf(
  run: Pick<StoredRun, 'repository' | 'inputs' | 'branch' | 'sha' | 'id' | 'runNumber'>,
  registryHost: string,
): Readonly<Record<string, string>> {
  const inputs = Object.entries(run.inputs).flatMap(([name, value]) => [
    [`inputs.${name}`, value] as const,
    [`github.event.inputs.${name}`, value] as const,
  ]);
  return {
    ...Object.fromEntries(inputs),
    'vars.REGISTRY': registryHost,
    'github.repository': `${owner}/${run.repository}`,
    'github.repository_owner': owner,
    'github.ref_name': run.branch,
    'github.sha': run.sha,
    'github.run_id': String(run.id),
    'github.run_number': String(run.runNumber),
    'github.actor': labLogin,
  };
}

/** A run that was under way when the lab was closed has lost its runner. */
export function endAbandonedRuns(state: ForgeState, now: number): void {
  for (const run of state.runs.filter(({ status }) => status !== 'completed')) {
    for (const job of run.jobs.filter(({ status }) => status !== 'completed')) {
      job.log.push(`${new Date(now).toISOString()} ##[error]The practice lab was closed while this job ran.`);
    }
    endRun(run, now);
  }
}

function endRun(run: StoredRun, now: number): void {
  for (const job of run.jobs.filter(({ status }) => status !== 'completed')) {
    endJob(job, 'failure', now);
  }
  run.status = 'completed';
  run.conclusion = 'failure';
  run.updatedAt = now;
}

function endJob(job: StoredJob, conclusion: Conclusion, now: number): void {
  for (const step of job.steps.filter(({ status }) => status !== 'completed')) {
    step.conclusion = step.status === 'in_progress' ? conclusion : 'skipped';
    step.status = 'completed';
    step.completedAt = step.startedAt === null ? null : now;
  }
  job.status = 'completed';
  job.conclusion = conclusion;
  job.startedAt ??= now;
  job.completedAt = now;
}
