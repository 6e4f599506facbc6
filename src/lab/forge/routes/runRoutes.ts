import { readCommit } from '../bareGit';
import { type ForgeAnswer, ForgeRefusal, notFound, ok } from '../forgeAnswer';
import { type RepositoryRequest, type RepositoryRoute, takePage } from '../forgeRequest';
import type { StoredJob, StoredRun } from '../forgeState';
import { labLogin } from '../shapes/account';
import { repositoryUrl } from '../shapes/repository';
import { shapeJob, shapeRun, workflowId } from '../shapes/run';
import { formatTime, type Schemas } from '../shapes/schemas';

export const runRoutes: readonly RepositoryRoute[] = [
  { method: 'GET', path: '/actions/runs', answer: listRuns },
  { method: 'GET', path: '/actions/workflows/{workflow}/runs', answer: listRuns },
  { method: 'GET', path: '/actions/runs/{run}', answer: showRun },
  { method: 'GET', path: '/actions/runs/{run}/jobs', answer: listJobs },
  { method: 'POST', path: '/actions/runs/{run}/cancel', answer: cancelRun },
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
