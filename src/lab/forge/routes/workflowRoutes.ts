import { asObject, asString } from '../../../base/json';
import { readCommits, readFileAt, readTree, resolveCommit } from '../bareGit';
import { type ForgeAnswer, ForgeRefusal, notFound, ok } from '../forgeAnswer';
import { type RepositoryRequest, type RepositoryRoute, takePage } from '../forgeRequest';
import type { StoredJob, StoredRun, StoredStep } from '../forgeState';
import { fillExpressions } from '../runner/expressions';
import { expressionsOf } from '../runner/runner';
import { repositoryPage, repositoryUrl } from '../shapes/repository';
import { shapeWorkflow, workflowId } from '../shapes/run';
import type { Schemas } from '../shapes/schemas';
import { parseWorkflow, type Workflow, type WorkflowInput } from '../workflowFile';

const folderPath = '.github/workflows/';

export const workflowRoutes: readonly RepositoryRoute[] = [
  { method: 'GET', path: '/actions/workflows', answer: listWorkflows },
  { method: 'GET', path: '/actions/workflows/{workflow}', answer: showWorkflow },
  { method: 'POST', path: '/actions/workflows/{workflow}/dispatches', answer: dispatchWorkflow },
];

async function listWorkflows(request: RepositoryRequest): Promise<ForgeAnswer> {
  const workflows = await readWorkflows(request, 'main');
  const { items, headers } = takePage(request, workflows);
  const body: { total_count: number; workflows: Schemas['workflow'][] } = {
    total_count: workflows.length,
    workflows: await Promise.all(items.map((workflow) => shape(request, workflow))),
  };
  return { status: 200, body, headers };
}

async function showWorkflow(request: RepositoryRequest): Promise<ForgeAnswer> {
  return ok(await shape(request, await findWorkflow(request, 'main')));
}

async function shape({ folder, place }: RepositoryRequest, workflow: Workflow): Promise<Schemas['workflow']> {
  const sha = (await resolveCommit(folder, 'main')) ?? '';
  const commits = await readCommits(folder, sha, 100_000);
  const createdAt = commits.at(-1)?.committer.date ?? '';
  return shapeWorkflow(place, workflow, { createdAt, updatedAt: createdAt });
}

async function readWorkflows({ folder }: RepositoryRequest, ref: string): Promise<readonly Workflow[]> {
  const sha = await resolveCommit(folder, ref);
  if (sha === undefined) {
    return [];
  }
  const entries = (await readTree(folder, sha, folderPath)).filter(({ path }) => /\.ya?ml$/.test(path));
  const workflows = await Promise.all(
    entries.map(async ({ path }) => parseWorkflow(path, (await readFileAt(folder, sha, path)) ?? '')),
  );
  return workflows.filter((workflow) => workflow !== undefined);
}

/** By id or by file name, as GitHub takes both. */
async function findWorkflow(request: RepositoryRequest, ref: string): Promise<Workflow> {
  const wanted = request.parameters['workflow'] ?? '';
  const workflow = (await readWorkflows(request, ref)).find(
    ({ path }) => path === folderPath + wanted || String(workflowId(request.place.name, path)) === wanted,
  );
  if (!workflow) {
    throw notFound();
  }
  return workflow;
}

/** https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event */
async function dispatchWorkflow(request: RepositoryRequest): Promise<ForgeAnswer> {
  const { scene, place, folder } = request;
  await findWorkflow(request, 'main');
  const body = await request.readJson();
  const ref = asString(body['ref'])?.replace(/^refs\/(heads|tags)\//, '');
  if (ref === undefined) {
    throw new ForgeRefusal(422, 'Invalid request.\n\n"ref" wasn\'t supplied.');
  }
  const sha = await resolveCommit(folder, ref);
  if (sha === undefined) {
    throw new ForgeRefusal(422, `No ref found for: ${ref}`);
  }
  const workflow = await findWorkflow(request, ref);
  if (workflow.dispatchInputs === undefined) {
    throw new ForgeRefusal(422, "Workflow does not have 'workflow_dispatch' trigger");
  }
  const inputs = checkInputs(workflow.dispatchInputs, asObject(body['inputs']) ?? {});
  const run = queueRun(request, workflow, { ref, sha, inputs });
  await scene.state.save();
  scene.runner.start(run, workflow);
  if (body['return_run_details'] !== true) {
    return { status: 204 };
  }
  const details: Schemas['workflow-dispatch-response'] = {
    workflow_run_id: run.id,
    run_url: `${repositoryUrl(place)}/actions/runs/${run.id}`,
    html_url: `${repositoryPage(place)}/actions/runs/${run.id}`,
  };
  return ok(details);
}

/** The messages are GitHub's. */
function checkInputs(
  declared: readonly WorkflowInput[],
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const unexpected = Object.keys(given).filter((name) => !declared.some((input) => input.name === name));
  if (unexpected.length > 0) {
    throw new ForgeRefusal(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  }
  return Object.fromEntries(
    declared.map((input) => {
      const value = given[input.name];
      const text = value === undefined || value === null ? (input.default ?? '') : formatInput(value);
      if (input.isRequired && text === '') {
        throw new ForgeRefusal(422, `Required input '${input.name}' not provided`);
      }
      if (input.options.length > 0 && !input.options.includes(text)) {
        throw new ForgeRefusal(
          422,
          `Provided value '${text}' for input '${input.name}' not in the list of allowed values`,
        );
      }
      return [input.name, text];
    }),
  );
}

function formatInput(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

interface Dispatch {
  readonly ref: string;
  readonly sha: string;
  readonly inputs: Readonly<Record<string, string>>;
}

function queueRun({ scene, place }: RepositoryRequest, workflow: Workflow, { ref, sha, inputs }: Dispatch): StoredRun {
  const { state, now } = scene;
  const at = now();
  const id = state.drawId();
  const runNumber = 1 + state.runs.filter((run) => run.repository === place.name && run.path === workflow.path).length;
  const jobs = workflow.jobs.map(
    (job): StoredJob => ({
      id: state.drawId(),
      name: job.name,
      ...(job.environment === undefined ? {} : { environment: job.environment }),
      steps: ['Set up job', ...job.steps.map(({ name }) => name), 'Complete job'].map(queueStep),
      status: 'queued',
      conclusion: null,
      startedAt: null,
      completedAt: null,
      log: [],
    }),
  );
  const about = { id, runNumber, repository: place.name, branch: ref, sha, inputs };
  const expressions = expressionsOf(about, new URL(scene.registryUrl).host);
  const run: StoredRun = {
    ...about,
    path: workflow.path,
    workflowName: workflow.name,
    title: fillExpressions(workflow.runName ?? workflow.name, expressions),
    event: 'workflow_dispatch',
    createdAt: at,
    startedAt: at,
    updatedAt: at,
    jobs,
    status: 'queued',
    conclusion: null,
  };
  state.runs.push(run);
  return run;
}

function queueStep(name: string): StoredStep {
  return { name, status: 'queued', conclusion: null, startedAt: null, completedAt: null };
}
