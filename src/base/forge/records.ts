// GitHub's answers as values. Shapes: https://docs.github.com/rest (checked against @octokit/openapi-types by the lab).
// Everything is optional until it has been looked at; what has no name or number is left out.
import type {
  Approval,
  Comparison,
  OpenPull,
  RepositoryCommit,
  RunState,
  RunStep,
  Workflow,
  WorkflowInput,
  WorkflowRun,
} from '../../model/facts';
import { optional } from '../../model/optional';
import { asArray, asNumber, asObject, asString } from '../json';
import type { BranchRules, Pull, Release, RepositoryRecord } from './forge';

export function timeOf(value: unknown): number {
  const time = Date.parse(asString(value) ?? '');
  return Number.isNaN(time) ? 0 : time;
}

/** Of runs, jobs and steps alike. */
export function decodeState(status: unknown, conclusion: unknown): RunState {
  if (status !== 'completed') {
    if (status === 'waiting') return 'waiting';
    return status === 'in_progress' ? 'running' : 'queued';
  }
  switch (conclusion) {
    case 'success':
    case 'neutral':
      return 'succeeded';
    case 'cancelled':
    case 'skipped':
    case 'stale':
      return 'cancelled';
    case 'action_required':
      return 'waiting';
    default:
      return 'failed';
  }
}

export function decodeRun(value: unknown, steps: readonly RunStep[] = []): WorkflowRun | undefined {
  const run = asObject(value);
  const id = asNumber(run?.['id']);
  if (run === undefined || id === undefined) return undefined;
  const actor = asString(asObject(run['actor'])?.['login']);
  return {
    id,
    url: asString(run['html_url']) ?? '',
    // A dynamic reference may follow the path: `.github/workflows/x.yml@refs/heads/main`.
    workflow: (asString(run['path']) ?? asString(run['name']) ?? '').split('@', 1)[0] ?? '',
    state: decodeState(run['status'], run['conclusion']),
    ...optional('title', asString(run['display_title'])),
    // Gitea tells when a run began and ended only.
    createdAt: timeOf(run['created_at'] ?? run['started_at']),
    updatedAt: timeOf(run['updated_at'] ?? run['completed_at']),
    ...(actor === undefined ? {} : { actor }),
    steps,
  };
}

export interface Job {
  readonly id: number;
  readonly name: string;
  readonly state: RunState;
  readonly steps: readonly RunStep[];
}

export function decodeJobs(value: unknown): readonly Job[] {
  return asArray(asObject(value)?.['jobs']).flatMap((entry) => {
    const job = asObject(entry);
    const id = asNumber(job?.['id']);
    if (job === undefined || id === undefined) return [];
    const steps = asArray(job['steps']).map((item) => {
      const step = asObject(item);
      return { name: asString(step?.['name']) ?? '', state: decodeState(step?.['status'], step?.['conclusion']) };
    });
    return [{ id, name: asString(job['name']) ?? '', state: decodeState(job['status'], job['conclusion']), steps }];
  });
}

/** All steps in order; with several jobs each step is named after its job, and a job without steps is one itself. */
export function stepsOf(jobs: readonly Job[]): readonly RunStep[] {
  const isSingle = jobs.length === 1;
  return jobs.flatMap(({ name, state, steps }) => {
    if (steps.length === 0) return [{ name, state }];
    return steps.map((step) => (isSingle ? step : { ...step, name: `${name}: ${step.name}` }));
  });
}

const inputTypes: readonly WorkflowInput['type'][] = ['string', 'boolean', 'choice', 'number', 'environment'];

/**
 * What a person can dispatch, from the workflow file's parsed YAML; undefined when it has no `workflow_dispatch`.
 * `on` may be a text, a list or a mapping; a YAML 1.1 reader makes `true` of the key.
 */
export function decodeWorkflow(path: string, file: unknown): Workflow | undefined {
  const root = asObject(file);
  const on = root?.['on'] ?? root?.['true'];
  const triggers = asObject(on);
  const isDispatched = on === 'workflow_dispatch' || asArray(on).includes('workflow_dispatch');
  if (!isDispatched && !(triggers !== undefined && 'workflow_dispatch' in triggers)) return undefined;
  const inputs = asObject(asObject(triggers?.['workflow_dispatch'])?.['inputs']) ?? {};
  return {
    name: asString(root?.['name']) ?? path.slice(path.lastIndexOf('/') + 1),
    path,
    inputs: Object.entries(inputs).map(([name, value]) => decodeInput(name, value)),
  };
}

function decodeInput(name: string, value: unknown): WorkflowInput {
  const input = asObject(value);
  const preset = input?.['default'];
  return {
    name,
    description: asString(input?.['description']) ?? '',
    isRequired: input?.['required'] === true,
    type: inputTypes.find((type) => type === input?.['type']) ?? 'string',
    options: asArray(input?.['options']).map(String),
    ...(typeof preset === 'string' || typeof preset === 'number' || typeof preset === 'boolean'
      ? { default: String(preset) }
      : {}),
  };
}

export function decodeComparison(value: unknown): Comparison | undefined {
  const comparison = asObject(value);
  if (comparison === undefined || !Array.isArray(comparison['commits'])) return undefined;
  const commits = decodeCommits(comparison['commits']).map(({ message, ...commit }) => ({
    ...commit,
    subject: message.split('\n', 1)[0] ?? '',
  }));
  return {
    aheadBy: asNumber(comparison['ahead_by']) ?? asNumber(comparison['total_commits']) ?? commits.length,
    ...optional('behindBy', asNumber(comparison['behind_by'])),
    url: asString(comparison['html_url']) ?? '',
    commits,
  };
}

export function decodeReleases(value: unknown): readonly Release[] {
  return asArray(value).flatMap((entry) => {
    const release = asObject(entry);
    const tag = asString(release?.['tag_name']);
    if (release === undefined || tag === undefined) return [];
    return [
      {
        name: asString(release['name']) ?? tag,
        tag,
        url: asString(release['html_url']) ?? '',
        at: timeOf(release['published_at'] ?? release['created_at']),
        isDraft: release['draft'] === true,
      },
    ];
  });
}

/** https://docs.github.com/rest/commits/commits#list-commits */
export function decodeCommits(value: unknown): readonly RepositoryCommit[] {
  return asArray(value).flatMap((entry) => {
    const item = asObject(entry);
    const commit = asObject(item?.['commit']);
    const hash = asString(item?.['sha']);
    if (item === undefined || hash === undefined) return [];
    const author = asObject(commit?.['author']);
    const message = asString(commit?.['message']) ?? '';
    const url = asString(item['html_url']) ?? '';
    return [{ hash, message, author: asString(author?.['name']) ?? '', at: timeOf(author?.['date']), url }];
  });
}

/**
 * Where a run stands as its jobs tell; undefined once all of them have ended, or where there are none: a job that needs
 * another one may not be listed yet.
 */
export function progressOf(jobs: readonly Job[]): RunState | undefined {
  const states = new Set(jobs.map(({ state }) => state));
  return (['running', 'waiting', 'queued'] as const).find((state) => states.has(state));
}

export function decodeRepository(value: unknown): RepositoryRecord | undefined {
  const repository = asObject(value);
  const defaultBranch = asString(repository?.['default_branch']);
  if (defaultBranch === undefined) return undefined;
  const push = asObject(repository?.['permissions'])?.['push'];
  return { defaultBranch, ...optional('mayWrite', typeof push === 'boolean' ? push : undefined) };
}

export function decodeOpenPull(value: unknown): OpenPull | undefined {
  const pull = asObject(value);
  const number = asNumber(pull?.['number']);
  const head = asString(asObject(pull?.['head'])?.['ref']);
  if (pull === undefined || number === undefined || head === undefined) return undefined;
  return {
    number,
    url: asString(pull['html_url']) ?? '',
    title: asString(pull['title']) ?? '',
    head,
    at: timeOf(pull['created_at']),
  };
}

export function decodePull(value: unknown): Pull | undefined {
  const pull = asObject(value);
  const number = asNumber(pull?.['number']);
  if (pull === undefined || number === undefined) return undefined;
  const isMerged = pull['merged'] === true || typeof pull['merged_at'] === 'string';
  return {
    number,
    url: asString(pull['html_url']) ?? '',
    state: isMerged ? 'merged' : pull['state'] === 'open' ? 'open' : 'closed',
    // Of an open one it names a trial merge.
    ...optional('mergeCommit', isMerged ? asString(pull['merge_commit_sha']) : undefined),
  };
}

/** https://docs.github.com/rest/actions/workflow-runs#get-pending-deployments-for-a-workflow-run */
export function decodeApprovals(value: unknown): readonly Approval[] {
  return asArray(value).flatMap((entry) => {
    const pending = asObject(entry);
    const environment = asObject(pending?.['environment']);
    const id = asNumber(environment?.['id']);
    if (id === undefined) return [];
    const name = asString(environment?.['name']) ?? String(id);
    return [{ id, name, mayApprove: pending?.['current_user_can_approve'] === true }];
  });
}

const pullRules: Readonly<Record<string, string>> = {
  pull_request: 'a pull request',
  merge_queue: 'a merge queue',
  required_status_checks: 'status checks before a push',
  update: 'somebody who may bypass the rule',
};

/** https://docs.github.com/rest/repos/rules#get-rules-for-a-branch */
export function decodeRules(value: unknown): BranchRules {
  const rules = asArray(value).flatMap((entry) => pullRules[asString(asObject(entry)?.['type']) ?? ''] ?? []);
  return { needsPull: rules.length > 0, rules: [...new Set(rules)] };
}
