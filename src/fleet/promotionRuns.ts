// Which workflow of a service's repository promotes into an environment, and its runs.
import type { ForgeFacts, TagChange, Workflow, WorkflowRun } from '../model/facts';
import type { EnvironmentName } from '../model/fleet';
import { type Reading, valueOf } from '../model/reading';
import type { ServiceSetting } from '../model/settings';
import { findEnvironmentWord } from './environments';

/** The workflow that the user has named for the service, else the one that its own file name tells. */
export function findPromotionWorkflow(
  { workflows }: Pick<ForgeFacts, 'workflows'>,
  environment: EnvironmentName,
  setting: ServiceSetting | undefined,
): Workflow | undefined {
  const wanted = setting?.workflow;
  return workflows.find(({ path }) =>
    wanted === undefined ? promotesInto(path) === environment : fileOf(path) === fileOf(wanted),
  );
}

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** By the file's name: not every forge tells a run its workflow's folder. */
export function isRunOf(run: WorkflowRun, workflow: Pick<Workflow, 'path'>): boolean {
  return fileOf(run.workflow) === fileOf(workflow.path);
}

/** The environment that a workflow file promotes into, by its name: `promote-production.yml`. */
function promotesInto(path: string): EnvironmentName | undefined {
  const name = fileOf(path).replace(/\.ya?ml$/, '');
  return /promot/i.test(name) ? findEnvironmentWord(name) : undefined;
}

export function isInFlight({ state }: WorkflowRun): boolean {
  return state === 'queued' || state === 'waiting' || state === 'running';
}

/** The newest promotion; one that has ended only while the tag that is written is known to be older. */
export function findRun(
  runs: readonly WorkflowRun[],
  workflow: Workflow,
  history: Reading<readonly TagChange[]>,
): WorkflowRun | undefined {
  const run = runs.find((one) => isRunOf(one, workflow));
  if (run === undefined) return undefined;
  const changes = valueOf(history);
  if (changes === undefined) return isInFlight(run) ? run : undefined;
  const [change] = changes;
  return change !== undefined && change.commit.at > run.updatedAt ? undefined : run;
}

/** What a run's title names: tags among them, where the workflow says which it was given. */
export function wordsOfTitle({ title = '' }: Pick<WorkflowRun, 'title'>): ReadonlySet<string> {
  return new Set(title.split(/[^\w./+:@-]+/));
}

/** How a run ended that did not succeed, after its number: `failed at step "Retag"`. */
export function runEnd({ state, steps }: WorkflowRun): string {
  const step = steps.find((one) => one.state === 'failed');
  if (step !== undefined) return `failed at step "${step.name}"`;
  return state === 'cancelled' ? 'was cancelled' : 'failed';
}
