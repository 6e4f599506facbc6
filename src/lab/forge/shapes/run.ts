import { owner } from '../../content/names';
import type { CommitRecord } from '../bareGit';
import type { StoredJob, StoredRun } from '../forgeState';
import { nodeId, stableId } from '../stableId';
import type { Workflow } from '../workflowFile';
import { labLogin, shapeAccount } from './account';
import { type RepositoryPlace, repositoryPage, repositoryUrl, shapeMinimalRepository } from './repository';
import { formatTime, type Schemas } from './schemas';

export function workflowId(repository: string, path: string): number {
  return stableId(`workflow/${repository}/${path}`);
}

export interface WorkflowTimes {
  readonly createdAt: string;
  readonly updatedAt: string;
}

export function shapeWorkflow(
  place: RepositoryPlace,
  { path, name }: Workflow,
  times: WorkflowTimes,
): Schemas['workflow'] {
  const id = workflowId(place.name, path);
  const file = path.slice(path.lastIndexOf('/') + 1);
  return {
    id,
    node_id: nodeId('Workflow', id),
    name,
    path,
    state: 'active',
    created_at: times.createdAt,
    updated_at: times.updatedAt,
    url: `${repositoryUrl(place)}/actions/workflows/${id}`,
    html_url: `${repositoryPage(place)}/blob/main/${path}`,
    badge_url: `${repositoryPage(place)}/workflows/${encodeURIComponent(file)}/badge.svg`,
  };
}

export function shapeRun(place: RepositoryPlace, run: StoredRun, head: CommitRecord): Schemas['workflow-run'] {
  const url = `${repositoryUrl(place)}/actions/runs/${run.id}`;
  const actor = shapeAccount(place.apiUrl, labLogin, 'User');
  const repository = shapeMinimalRepository(place);
  const workflow = workflowId(place.name, run.path);
  return {
    id: run.id,
    name: run.workflowName,
    node_id: nodeId('WorkflowRun', run.id),
    head_branch: run.branch,
    head_sha: run.sha,
    path: run.path,
    display_title: run.title,
    run_number: run.runNumber,
    run_attempt: 1,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: workflow,
    check_suite_id: run.id,
    check_suite_node_id: nodeId('CheckSuite', run.id),
    url,
    html_url: `${repositoryPage(place)}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: formatTime(run.createdAt),
    updated_at: formatTime(run.updatedAt),
    run_started_at: formatTime(run.startedAt),
    actor,
    triggering_actor: actor,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${repositoryUrl(place)}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${repositoryUrl(place)}/actions/workflows/${workflow}`,
    head_commit: {
      id: head.sha,
      tree_id: head.tree,
      message: head.message,
      timestamp: head.committer.date,
      author: { name: head.author.name, email: head.author.email },
      committer: { name: head.committer.name, email: head.committer.email },
    },
    repository,
    head_repository: repository,
  };
}

export function shapeJob(place: RepositoryPlace, run: StoredRun, job: StoredJob): Schemas['job'] {
  const url = `${repositoryUrl(place)}/actions/jobs/${job.id}`;
  return {
    id: job.id,
    run_id: run.id,
    run_url: `${repositoryUrl(place)}/actions/runs/${run.id}`,
    run_attempt: 1,
    node_id: nodeId('CheckRun', job.id),
    head_sha: run.sha,
    head_branch: run.branch,
    url,
    html_url: `${repositoryPage(place)}/actions/runs/${run.id}/job/${job.id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: formatTime(run.createdAt),
    started_at: formatTime(job.startedAt ?? run.createdAt),
    completed_at: formatOptionalTime(job.completedAt),
    name: job.name,
    steps: job.steps.map((step, index) => ({
      name: step.name,
      status: step.status,
      conclusion: step.conclusion,
      number: index + 1,
      started_at: formatOptionalTime(step.startedAt),
      completed_at: formatOptionalTime(step.completedAt),
    })),
    check_run_url: `${repositoryUrl(place)}/check-runs/${job.id}`,
    labels: ['lab'],
    runner_id: job.startedAt === null ? null : 1,
    runner_name: job.startedAt === null ? null : 'Practice lab',
    runner_group_id: job.startedAt === null ? null : 1,
    runner_group_name: job.startedAt === null ? null : owner,
    workflow_name: run.workflowName,
  };
}

function formatOptionalTime(at: number | null): string | null {
  return at === null ? null : formatTime(at);
}
