import { owner } from '../../content/names';
import type { ForgeAnswer } from '../forgeAnswer';
import { notFound } from '../forgeAnswer';
import type { ForgeRequest, Route } from '../forgeRequest';

/**
 * The addresses that answers give for people (`html_url`), as plain text. A browser has no token; the page shows
 * what anybody on this machine can read from the lab's open Git remote and registry, and the log of the run.
 */
export const pageRoutes: readonly Route[] = [
  { method: 'GET', path: `/${owner}/{repo}/actions/runs/{run}`, answer: showRunPage },
  { method: 'GET', path: `/${owner}/{repo}/actions/runs/{run}/job/{job}`, answer: showRunPage },
];

function showRunPage({ scene, parameters }: ForgeRequest): Promise<ForgeAnswer> {
  const run = scene.state.runs.find(
    ({ repository, id }) => repository === parameters['repo'] && String(id) === parameters['run'],
  );
  if (!run) {
    throw notFound();
  }
  const jobs = run.jobs.flatMap((job) => [
    '',
    job.name,
    ...job.steps.map(({ name, status, conclusion }) => `  ${(conclusion ?? status).padEnd(12)} ${name}`),
    '',
    ...job.log.map((line) => `  ${line}`),
  ]);
  const head = [`${run.title} #${run.runNumber}`, `${owner}/${run.repository}  ${run.path}  ${run.branch}`];
  return Promise.resolve({
    status: 200,
    text: [...head, run.conclusion ?? run.status, ...jobs, ''].join('\n'),
  });
}
