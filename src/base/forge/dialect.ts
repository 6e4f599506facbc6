// What tells the imitations of GitHub's REST API from each other, as data.
import type { Comparison, RunStep, WorkflowRun } from '../../model/facts';
import { asNumber, asObject, asString } from '../json';
import type { BranchRules, Forge, ForgeRepository } from './forge';
import { decodeRules, decodeRun, decodeState, timeOf } from './records';

export interface Dialect extends Pick<Forge, 'title' | 'isExperimental' | 'lacks'> {
  readonly pageSize: 'per_page' | 'limit';
  /** How the run's id is asked for. */
  readonly dispatch: { readonly query: string; readonly body: object };
  /** Where workflow files lie, for a forge that does not list them. */
  readonly workflowFolders: readonly string[];
  /** Below the repository. */
  readonly rulesPath: (branch: string) => string;
  readonly decodeRules: (answer: unknown) => BranchRules;
  readonly decodeRun: (value: unknown, steps: readonly RunStep[]) => WorkflowRun | undefined;
  /** Oldest first, with a page for people. */
  readonly arrange: (comparison: Comparison, range: string, at: ForgeRepository, host: string) => Comparison;
}

export const gitHubDialect: Dialect = {
  title: 'GitHub',
  isExperimental: false,
  lacks: {},
  pageSize: 'per_page',
  dispatch: { query: '', body: { return_run_details: true } },
  workflowFolders: [],
  rulesPath: (branch) => `rules/branches/${branch}`,
  decodeRules,
  decodeRun,
  arrange: (comparison) => comparison,
};

/** https://docs.github.com/enterprise-server/rest */
export const gitHubEnterpriseDialect: Dialect = {
  ...gitHubDialect,
  title: 'GitHub Enterprise Server',
  isExperimental: true,
};

/** Gitea 1.26, routers/api/v1 and services/convert: runs name their workflow by its file and their reference. */
export const giteaDialect: Dialect = {
  title: 'Gitea',
  isExperimental: false,
  lacks: {
    approvals: 'Gitea has no approvals of workflow runs.',
    environments: 'Gitea has no deployment environments to choose from.',
  },
  pageSize: 'limit',
  dispatch: { query: '?return_run_details=true', body: {} },
  workflowFolders: [],
  rulesPath: (branch) => `branches/${branch}`,
  decodeRules: (answer) => {
    const branch = asObject(answer);
    const needsPull = branch?.['protected'] === true && branch['user_can_push'] === false;
    return { needsPull, rules: needsPull ? ['a pull request'] : [] };
  },
  decodeRun,
  // Newest first, and no page of its own.
  arrange: (comparison, range, { owner, repository }, host) => ({
    ...comparison,
    url: `https://${host}/${owner}/${repository}/compare/${range}`,
    commits: comparison.commits.toReversed(),
  }),
};

/** Forgejo 15, modules/structs/action.go: its own shape of runs, and states in one word. */
export const forgejoDialect: Dialect = {
  ...giteaDialect,
  title: 'Forgejo',
  isExperimental: true,
  lacks: {
    approvals: 'Forgejo has no approvals of workflow runs.',
    environments: 'Forgejo has no deployment environments to choose from.',
    steps: 'Forgejo does not tell the steps of a run.',
    log: 'Forgejo does not hand out the log of a run; its page has it.',
  },
  workflowFolders: ['.forgejo/workflows', '.gitea/workflows', '.github/workflows'],
  dispatch: { query: '', body: { return_run_info: true } },
  decodeRun: (value, steps) => {
    const run = asObject(value);
    const id = asNumber(run?.['id']);
    if (run === undefined || id === undefined) return undefined;
    const status = asString(run['status']) ?? '';
    const state = decodeState(...(forgejoStates[status] ?? (['completed', status] as const)));
    const title = asString(run['title']);
    return {
      id,
      url: asString(run['html_url']) ?? '',
      workflow: asString(run['workflow_id']) ?? '',
      ...(title === undefined ? {} : { title }),
      state,
      createdAt: timeOf(run['created']),
      updatedAt: timeOf(run['updated'] ?? run['stopped']),
      steps,
    };
  },
};

const forgejoStates: Readonly<Record<string, readonly [string, string]>> = {
  waiting: ['queued', ''],
  blocked: ['waiting', ''],
  running: ['in_progress', ''],
};
