// GitLab's pipelines and merge requests by their documented API (https://docs.gitlab.com/api/), not tried on a real one.
// What is dispatched is the pipeline of `.gitlab-ci.yml`; its inputs are the variables that the file describes for people.
import type { RepositoryCommit, RunState, Workflow, WorkflowRun } from '../../model/facts';
import { optional } from '../../model/optional';
import { asArray, asNumber, asObject, asString } from '../json';
import type { Forge, ForgeReader, ForgeRepository, ForgeWriter, Pull } from './forge';
import { forgeGarbage } from './forgeProblem';
import { type Job, progressOf, stepsOf, timeOf } from './records';
import { type ForgeAccess, ForgeError, type ForgeSend, forgeSend } from './request';

const encode = encodeURIComponent;
const pipelineFile = '.gitlab-ci.yml';
/** Developers may start pipelines: https://docs.gitlab.com/user/permissions/ */
const developer = 30;

export function gitLab(access: ForgeAccess, parseYaml: (text: string) => unknown): Forge {
  const send = forgeSend(access);
  const { host } = new URL(access.apiUrl);
  return {
    title: 'GitLab',
    isExperimental: true,
    lacks: {},
    reader: gitLabReader(send, host, parseYaml),
    writer: gitLabWriter(send, host),
  };
}

/** A project is addressed by its whole path as one part. */
function base({ owner, repository }: ForgeRepository): string {
  return `/projects/${encode(`${owner}/${repository}`)}`;
}

function gitLabReader(send: ForgeSend, host: string, parseYaml: (text: string) => unknown): ForgeReader {
  const get = async (path: string, what: string, signal: AbortSignal): Promise<unknown> =>
    (await send({ method: 'GET', path, what }, signal)).data;
  const list = async (path: string, what: string, signal: AbortSignal): Promise<readonly unknown[]> => {
    const found = await get(path, what, signal);
    if (!Array.isArray(found)) throw forgeGarbage(host, what);
    return asArray(found);
  };
  const jobsOf = async (at: ForgeRepository, id: number, signal: AbortSignal): Promise<readonly Job[]> => {
    const jobs = await list(`${base(at)}/pipelines/${id}/jobs?per_page=100`, 'read the jobs of a pipeline', signal);
    return jobs.flatMap((entry) => decodeJob(entry) ?? []);
  };
  const reader: ForgeReader = {
    repository: async (at, signal) => {
      const what = `read the project ${at.owner}/${at.repository}`;
      const project = asObject(await get(base(at), what, signal));
      const defaultBranch = asString(project?.['default_branch']);
      if (defaultBranch === undefined) throw forgeGarbage(host, what);
      const permissions = asObject(project?.['permissions']);
      const levels = ['project_access', 'group_access'].flatMap(
        (name) => asNumber(asObject(permissions?.[name])?.['access_level']) ?? [],
      );
      return {
        defaultBranch,
        ...optional('mayWrite', permissions === undefined ? undefined : levels.some((level) => level >= developer)),
      };
    },
    workflows: async (at, ref, signal) => {
      const text = await reader.contents(at, pipelineFile, ref, signal);
      return text === undefined ? [] : [decodePipelineFile(parseYaml(text))];
    },
    runs: async (at, { limit }, signal) => {
      const what = `list the pipelines of ${at.owner}/${at.repository}`;
      const found = await list(`${base(at)}/pipelines?per_page=${limit}`, what, signal);
      return found.flatMap((entry) => decodePipeline(entry, []) ?? []);
    },
    run: async (at, id, signal) => {
      const what = 'read a pipeline';
      const [found, jobs] = await Promise.all([
        get(`${base(at)}/pipelines/${id}`, what, signal),
        jobsOf(at, id, signal),
      ]);
      const run = decodePipeline(found, jobs);
      if (run === undefined) throw forgeGarbage(host, what);
      return run;
    },
    progress: async (at, id, signal) => {
      const jobs = await jobsOf(at, id, signal);
      const state = progressOf(jobs);
      return state === undefined ? await reader.run(at, id, signal) : { state, steps: stepsOf(jobs) };
    },
    commits: async (at, ref, limit, signal) => {
      const what = `list the commits of ${at.owner}/${at.repository}`;
      const path = `${base(at)}/repository/commits?ref_name=${encode(ref)}&per_page=${limit}`;
      return (await list(path, what, signal)).flatMap((entry) => decodeCommit(entry) ?? []);
    },
    logTail: async (at, runId, lines, signal) => {
      const jobs = await jobsOf(at, runId, signal);
      const failed = jobs.filter(({ state }) => state === 'failed');
      const tails: string[] = [];
      for (const { id } of failed.length > 0 ? failed : jobs.slice(-1)) {
        const text = await get(`${base(at)}/jobs/${id}/trace`, 'read the log of a job', signal);
        if (typeof text === 'string') tails.push(...text.trimEnd().split('\n').slice(-lines));
      }
      return tails;
    },
    approvals: async (at, runId, signal) =>
      (await jobsOf(at, runId, signal))
        .filter(({ state }) => state === 'waiting')
        .map(({ id, name }) => ({ id, name, mayApprove: true })),
    environments: async (at, signal) => {
      const what = `list the environments of ${at.owner}/${at.repository}`;
      const found = await list(`${base(at)}/environments?per_page=100`, what, signal);
      return found.flatMap((entry) => asString(asObject(entry)?.['name']) ?? []);
    },
    contents: async (at, path, ref, signal) => {
      const what = `read ${path} of ${at.owner}/${at.repository}`;
      try {
        const address = `${base(at)}/repository/files/${encode(path)}?ref=${encode(ref)}`;
        const content = asString(asObject(await get(address, what, signal))?.['content']);
        return content === undefined ? undefined : Buffer.from(content, 'base64').toString('utf8');
      } catch (error) {
        if (error instanceof ForgeError && error.status === 404) return undefined;
        throw error;
      }
    },
    compare: async (at, from, to, signal) => {
      const what = `compare commits of ${at.owner}/${at.repository}`;
      const path = `${base(at)}/repository/compare?from=${encode(from)}&to=${encode(to)}`;
      const comparison = asObject(await get(path, what, signal));
      if (!Array.isArray(comparison?.['commits'])) throw forgeGarbage(host, what);
      const commits = asArray(comparison['commits']).flatMap((entry) => {
        const commit = decodeCommit(entry);
        if (commit === undefined) return [];
        const { message, ...rest } = commit;
        return [{ ...rest, subject: message.split('\n', 1)[0] ?? '' }];
      });
      return {
        aheadBy: commits.length,
        url: asString(comparison['web_url']) ?? '',
        commits: commits.toSorted((a, b) => a.at - b.at),
      };
    },
    releases: async (at, limit, signal) => {
      const what = `list the releases of ${at.owner}/${at.repository}`;
      const found = await list(`${base(at)}/releases?per_page=${limit}`, what, signal);
      return found.flatMap((entry) => {
        const release = asObject(entry);
        const tag = asString(release?.['tag_name']);
        if (release === undefined || tag === undefined) return [];
        const url = asString(asObject(release['_links'])?.['self']) ?? '';
        const name = asString(release['name']) ?? tag;
        return [{ name, tag, url, at: timeOf(release['released_at']), isDraft: release['upcoming_release'] === true }];
      });
    },
    branchRules: async (at, branch, signal) => {
      const path = `${base(at)}/repository/branches/${encode(branch)}`;
      const found = asObject(await get(path, `read the rules of ${branch}`, signal));
      const needsPull = found?.['protected'] === true && found['can_push'] === false;
      return { needsPull, rules: needsPull ? ['a merge request'] : [] };
    },
    pull: async (at, number, signal) => {
      const what = `read merge request ${number}`;
      const pull = decodeMergeRequest(await get(`${base(at)}/merge_requests/${number}`, what, signal));
      if (pull === undefined) throw forgeGarbage(host, what);
      return pull;
    },
    openPulls: async (at, into, signal) => {
      const what = `list the open merge requests of ${at.owner}/${at.repository}`;
      const query = `state=opened&target_branch=${encode(into)}&per_page=100`;
      const open = await list(`${base(at)}/merge_requests?${query}`, what, signal);
      return open.flatMap((entry) => {
        const request = asObject(entry);
        const pull = decodeMergeRequest(request);
        const head = asString(request?.['source_branch']);
        if (pull === undefined || head === undefined) return [];
        const { number, url } = pull;
        return [{ number, url, title: asString(request?.['title']) ?? '', head, at: timeOf(request?.['created_at']) }];
      });
    },
  };
  return reader;
}

function gitLabWriter(send: ForgeSend, host: string): ForgeWriter {
  return {
    dispatch: async (at, { ref, inputs }, signal) => {
      const what = `start the pipeline of ${at.owner}/${at.repository}`;
      const variables = Object.entries(inputs).map(([key, value]) => ({ key, value }));
      const body = { ref, variables };
      const { data } = await send({ method: 'POST', path: `${base(at)}/pipeline`, what, body }, signal);
      const runId = asNumber(asObject(data)?.['id']);
      if (runId === undefined) throw forgeGarbage(host, what);
      return { runId, ...optional('url', asString(asObject(data)?.['web_url'])) };
    },
    approve: async (at, _runId, approvals, _comment, signal) => {
      for (const { id, name } of approvals) {
        await send({ method: 'POST', path: `${base(at)}/jobs/${id}/play`, what: `start the job ${name}` }, signal);
      }
    },
    openPull: async (at, { head, base: into, title, body }, signal) => {
      const what = `open a merge request into ${into} of ${at.owner}/${at.repository}`;
      const path = `${base(at)}/merge_requests`;
      const query = `?state=opened&source_branch=${encode(head)}&target_branch=${encode(into)}`;
      const [open] = asArray((await send({ method: 'GET', path: path + query, what }, signal)).data);
      const draft = { source_branch: head, target_branch: into, title, description: body };
      const pull = decodeMergeRequest(open ?? (await send({ method: 'POST', path, what, body: draft }, signal)).data);
      if (pull === undefined) throw forgeGarbage(host, what);
      return pull;
    },
  };
}

/** https://docs.gitlab.com/api/pipelines/: of pipelines and jobs alike; a manual job waits for a person. */
function decodeStatus(status: unknown): RunState {
  switch (status) {
    case 'success':
      return 'succeeded';
    case 'failed':
      return 'failed';
    case 'canceled':
    case 'canceling':
    case 'skipped':
      return 'cancelled';
    case 'running':
      return 'running';
    case 'manual':
      return 'waiting';
    default:
      return 'queued';
  }
}

function decodeCommit(value: unknown): RepositoryCommit | undefined {
  const commit = asObject(value);
  const hash = asString(commit?.['id']);
  if (commit === undefined || hash === undefined) return undefined;
  return {
    hash,
    message: asString(commit['message']) ?? '',
    author: asString(commit['author_name']) ?? '',
    at: timeOf(commit['created_at']),
    url: asString(commit['web_url']) ?? '',
  };
}

function decodePipeline(value: unknown, jobs: readonly Job[]): WorkflowRun | undefined {
  const pipeline = asObject(value);
  const id = asNumber(pipeline?.['id']);
  if (pipeline === undefined || id === undefined) return undefined;
  const actor = asString(asObject(pipeline['user'])?.['username']);
  return {
    id,
    url: asString(pipeline['web_url']) ?? '',
    workflow: pipelineFile,
    ...optional('title', asString(pipeline['name'])),
    state: decodeStatus(pipeline['status']),
    createdAt: timeOf(pipeline['created_at']),
    updatedAt: timeOf(pipeline['updated_at']),
    ...optional('actor', actor),
    steps: stepsOf(jobs),
  };
}

function decodeJob(value: unknown): Job | undefined {
  const job = asObject(value);
  const id = asNumber(job?.['id']);
  if (job === undefined || id === undefined) return undefined;
  return { id, name: asString(job['name']) ?? '', state: decodeStatus(job['status']), steps: [] };
}

function decodeMergeRequest(value: unknown): Pull | undefined {
  const request = asObject(value);
  const number = asNumber(request?.['iid']);
  if (request === undefined || number === undefined) return undefined;
  const state = request['state'] === 'merged' ? 'merged' : request['state'] === 'opened' ? 'open' : 'closed';
  const commit = asString(request['merge_commit_sha']) ?? asString(request['squash_commit_sha']);
  return {
    number,
    url: asString(request['web_url']) ?? '',
    state,
    ...optional('mergeCommit', state === 'merged' ? commit : undefined),
  };
}

/** Variables with a description are those that GitLab's own form asks for: https://docs.gitlab.com/ci/yaml/#variablesdescription */
function decodePipelineFile(file: unknown): Workflow {
  const variables = asObject(asObject(file)?.['variables']) ?? {};
  return {
    name: 'Pipeline',
    path: pipelineFile,
    inputs: Object.entries(variables).flatMap(([name, value]) => {
      const variable = asObject(value);
      const description = asString(variable?.['description']);
      if (description === undefined) return [];
      const options = asArray(variable?.['options']).map(String);
      const type = options.length > 0 ? ('choice' as const) : ('string' as const);
      return [
        { name, description, isRequired: false, type, options, ...optional('default', asString(variable?.['value'])) },
      ];
    }),
  };
}
