import { readCommit, readFileAt } from '../bareGit';
import { type ForgeAnswer, ForgeRefusal, notFound, ok } from '../forgeAnswer';
import { type RepositoryRequest, type RepositoryRoute, takePage } from '../forgeRequest';
import type { StoredJob, StoredRun } from '../forgeState';
import { labLogin } from '../shapes/account';
import { repositoryPage, repositoryUrl } from '../shapes/repository';
import { shapeJob, shapeRun, workflowId } from '../shapes/run';
import { formatTime, type Schemas } from '../shapes/schemas';
import { nodeId, stableId } from '../stableId';
import { parseWorkflow } from '../workflowFile';

export const runRoutes: readonly RepositoryRoute[] = [
  { method: 'GET', path: '/actions/runs', answer: listRuns },
  { method: 'GET', path: '/actions/workflows/{workflow}/runs', answer: listRuns },
  { method: 'GET', path: '/actions/runs/{run}', answer: showRun },
  { method: 'GET', path: '/actions/runs/{run}/jobs', answer: listJobs },
  { method: 'POST', path: '/actions/runs/{run}/cancel', answer: cancelRun },
  { method: 'POST', path: '/actions/runs/{run}/rerun', answer: rerun },
  { method: 'GET', path: '/actions/runs/{run}/pending_deployments', answer: listPending },
  { method: 'POST', path: '/actions/runs/{run}/pending_deployments', answer: reviewPending },
  { method: 'GET', path: '/actions/jobs/{job}', answer: showJob },
  { method: 'GET', path: '/actions/jobs/{job}/logs', answer: locateLog },
  { method: 'GET', path: '/actions/jobs/{job}/logs/text', answer: showLog },
];

async function listRuns(request: RepositoryRequest): Promise<ForgeAnswer> {
  const { scene, place, parameters, url } = request;
  const workflow = parameters['workflow'];
  const runs = scene.state.runs
    .filter(({ repository }) => repository === place.name)
    .filter(
      ({ path }) =>
        workflow === undefined || path.endsWith(`/${workflow}`) || String(workflowId(place.name, path)) === workflow,
    )
    .filter((run) => isWanted(run, url.searchParams))
    .reverse();
  const { items, headers } = takePage(request, runs);
  const body: { total_count: number; workflow_runs: Schemas['workflow-run'][] } = {
    total_count: runs.length,
    workflow_runs: await Promise.all(items.map((run) => shape(request, run))),
  };
  return { status: 200, body, headers };
}

function isWanted(run: StoredRun, query: URLSearchParams): boolean {
  const status = query.get('status');
  const wanted = [
    [query.get('event'), run.event],
    [query.get('branch'), run.branch],
    [query.get('actor'), labLogin],
    [query.get('head_sha'), run.sha],
  ];
  return (
    wanted.every(([asked, is]) => asked === null || asked === is) &&
    (status === null || status === run.status || status === run.conclusion) &&
    isWithin(formatTime(run.createdAt), query.get('created'))
  );
}

/** GitHub's search syntax for dates: `>=A`, `<B`, `A..B` (either end may be `*`), or one day. */
function isWithin(time: string, range: string | null): boolean {
  if (range === null) {
    return true;
  }
  const at = Date.parse(time);
  const comparison = /^(?<operator>>=|<=|>|<)(?<date>.+)$/.exec(range)?.groups;
  if (comparison) {
    const bound = Date.parse(comparison['date'] ?? '');
    const operator = comparison['operator'] ?? '';
    return (operator.startsWith('>') ? at > bound : at < bound) || (operator.endsWith('=') && at === bound);
  }
  const [from = '', to] = range.split('..');
  return to === undefined
    ? time.startsWith(from)
    : (from === '*' || at >= Date.parse(from)) && (to === '*' || at <= Date.parse(to));
}

async function showRun(request: RepositoryRequest): Promise<ForgeAnswer> {
  return ok(await shape(request, findRun(request)));
}

async function shape({ place, folder }: RepositoryRequest, run: StoredRun): Promise<Schemas['workflow-run']> {
  return shapeRun(place, run, await readCommit(folder, run.sha));
}

function listJobs(request: RepositoryRequest): Promise<ForgeAnswer> {
  const run = findRun(request);
  const { items, headers } = takePage(request, run.jobs);
  const body: { total_count: number; jobs: Schemas['job'][] } = {
    total_count: run.jobs.length,
    jobs: items.map((job) => shapeJob(request.place, run, job)),
  };
  return Promise.resolve({ status: 200, body, headers });
}

function cancelRun(request: RepositoryRequest): Promise<ForgeAnswer> {
  const run = findRun(request);
  if (run.status === 'completed') {
    throw new ForgeRefusal(409, 'Cannot cancel a workflow run that is completed.');
  }
  request.scene.runner.cancel(run);
  return Promise.resolve({ status: 202, body: {} });
}

/** https://docs.github.com/rest/actions/workflow-runs#get-pending-deployments-for-a-workflow-run */
function listPending(request: RepositoryRequest): Promise<ForgeAnswer> {
  const { place } = request;
  const body: Schemas['pending-deployment'][] = findRun(request)
    .jobs.filter(({ status }) => status === 'waiting')
    .map(({ environment = '' }) => ({
      environment: {
        id: stableId(`environment/${place.name}/${environment}`),
        node_id: nodeId('Environment', stableId(environment)),
        name: environment,
        url: `${repositoryUrl(place)}/environments/${environment}`,
        html_url: `${repositoryPage(place)}/deployments/${environment}`,
      },
      wait_timer: 0,
      wait_timer_started_at: null,
      current_user_can_approve: true,
      reviewers: [],
    }));
  return Promise.resolve(ok(body));
}

/** A rejection cancels the run, as on GitHub. */
async function reviewPending(request: RepositoryRequest): Promise<ForgeAnswer> {
  const run = findRun(request);
  const { state } = await request.readJson();
  const { runner } = request.scene;
  if (state === 'rejected') runner.cancel(run);
  else if (state !== 'approved' || !runner.approve(run)) {
    throw new ForgeRefusal(422, 'There is no pending deployment requests to approve or reject.');
  }
  return { status: 200, body: [] };
}

/** https://docs.github.com/rest/actions/workflow-runs#re-run-a-workflow: the same run, once more from its beginning. */
async function rerun(request: RepositoryRequest): Promise<ForgeAnswer> {
  const run = findRun(request);
  const { folder, scene } = request;
  const workflow = parseWorkflow(run.path, (await readFileAt(folder, run.sha, run.path)) ?? '');
  if (run.status !== 'completed' || workflow === undefined) {
    throw new ForgeRefusal(403, 'This workflow run cannot be retried');
  }
  beginAgain(run, scene.now());
  await scene.state.save();
  scene.runner.start(run, workflow);
  return { status: 201, body: {} };
}

function beginAgain(run: StoredRun, at: number): void {
  const fresh = { status: 'queued', conclusion: null } as const;
  Object.assign(run, { ...fresh, startedAt: at, updatedAt: at });
  for (const job of run.jobs) {
    Object.assign(job, { ...fresh, startedAt: null, completedAt: null, log: [] });
    for (const step of job.steps) Object.assign(step, { ...fresh, startedAt: null, completedAt: null });
  }
}

function showJob(request: RepositoryRequest): Promise<ForgeAnswer> {
  const { run, job } = findJob(request);
  return Promise.resolve(ok(shapeJob(request.place, run, job)));
}

/** GitHub sends to another address, and has no log before the job has ended. */
function locateLog(request: RepositoryRequest): Promise<ForgeAnswer> {
  const { job } = findJob(request);
  if (job.status !== 'completed') {
    throw notFound();
  }
  const location = `${repositoryUrl(request.place)}/actions/jobs/${job.id}/logs/text`;
  return Promise.resolve({ status: 302, headers: { location } });
}

function showLog(request: RepositoryRequest): Promise<ForgeAnswer> {
  return Promise.resolve({
    status: 200,
    text: findJob(request)
      .job.log.map((line) => `${line}\n`)
      .join(''),
  });
}

function findRun({ scene, place, parameters }: RepositoryRequest): StoredRun {
  const run = scene.state.runs.find(
    ({ repository, id }) => repository === place.name && String(id) === parameters['run'],
  );
  if (!run) {
    throw notFound();
  }
  return run;
}

function findJob({ scene, place, parameters }: RepositoryRequest): {
  readonly run: StoredRun;
  readonly job: StoredJob;
} {
  for (const run of scene.state.runs.filter(({ repository }) => repository === place.name)) {
    const job = run.jobs.find(({ id }) => String(id) === parameters['job']);
    if (job) {
      return { run, job };
    }
  }
  throw notFound();
}
