// The REST API that GitHub has and others imitate: GitHub Enterprise Server, Gitea, Forgejo, the lab. What differs is data.
// Reading and writing are separate types.
import type { Workflow } from '../../model/facts';
import { asArray, asNumber, asObject, asString } from '../json';
import { type Dialect, gitHubDialect } from './dialect';
import {
  type Dispatched,
  type Forge,
  type ForgeReader,
  type ForgeRepository,
  type ForgeWriter,
  workflowFileName,
} from './forge';
import { forgeGarbage } from './forgeProblem';
import {
  decodeApprovals,
  decodeCommits,
  decodeComparison,
  decodeJobs,
  decodeOpenPull,
  decodePull,
  decodeReleases,
  decodeRepository,
  decodeWorkflow,
  progressOf,
  stepsOf,
} from './records';
import { contentOf, type ForgeAccess, ForgeError, type ForgeSend, forgeSend } from './request';

const encode = encodeURIComponent;

/** Takes the decoder of workflow files, for YAML is read elsewhere; undefined from it means that it cannot be parsed. */
export function gitHub(
  access: ForgeAccess,
  parseYaml: (text: string) => unknown,
  dialect: Dialect = gitHubDialect,
): Forge {
  const { title, isExperimental, lacks } = dialect;
  const api: Api = { send: forgeSend(access), host: new URL(access.apiUrl).host, dialect };
  return { title, isExperimental, lacks, reader: gitHubReader(api, parseYaml), writer: gitHubWriter(api) };
}

interface Api {
  readonly send: ForgeSend;
  readonly host: string;
  readonly dialect: Dialect;
}

function base({ owner, repository }: ForgeRepository): string {
  return `/repos/${encode(owner)}/${encode(repository)}`;
}

/** What a decoder made of an answer; nothing means that the answer is not this API's. */
function required<T>(found: T | undefined, host: string, what: string): T {
  if (found === undefined) throw forgeGarbage(host, what);
  return found;
}

function gitHubReader({ send, host, dialect }: Api, parseYaml: (text: string) => unknown): ForgeReader {
  const get = async (path: string, what: string, signal: AbortSignal): Promise<unknown> =>
    (await send({ method: 'GET', path, what }, signal)).data;
  const list = async (path: string, key: string, what: string, signal: AbortSignal): Promise<readonly unknown[]> => {
    const listed = asObject(await get(path, what, signal))?.[key];
    // Go writes an empty list as null.
    if (listed !== null && !Array.isArray(listed)) throw forgeGarbage(host, what);
    return asArray(listed);
  };
  const page = (size: number): string => `${dialect.pageSize}=${size}`;
  const jobsOf = async (at: ForgeRepository, runId: number, signal: AbortSignal) =>
    dialect.lacks.steps === undefined
      ? decodeJobs(await get(`${base(at)}/actions/runs/${runId}/jobs?${page(100)}`, 'read the jobs of a run', signal))
      : [];
  const workflowPaths = async (at: ForgeRepository, ref: string, what: string, signal: AbortSignal) => {
    for (const folder of dialect.workflowFolders) {
      const entries = asArray(await read(at, folder, ref, signal)).flatMap(
        (one) => asString(asObject(one)?.['path']) ?? [],
      );
      // The first folder that there is hides the others.
      if (entries.length > 0) return entries.filter((path) => /\.ya?ml$/.test(path));
    }
    if (dialect.workflowFolders.length > 0) return [];
    return (
      (await list(`${base(at)}/actions/workflows?${page(100)}`, 'workflows', what, signal))
        .map(asObject)
        .filter((workflow) => workflow?.['state'] === 'active')
        .flatMap((workflow) => asString(workflow?.['path']) ?? [])
        // What GitHub itself adds (`dynamic/…`) has no file.
        .filter((path) => path.startsWith('.'))
    );
  };
  const read = async (at: ForgeRepository, path: string, ref: string, signal: AbortSignal) => {
    const encoded = path.split('/').map(encode).join('/');
    const what = `read ${path} of ${at.owner}/${at.repository}`;
    return await orMissing(get(`${base(at)}/contents/${encoded}?ref=${encode(ref)}`, what, signal));
  };

  const reader: ForgeReader = {
    repository: async (at, signal) => {
      const what = `read the repository ${at.owner}/${at.repository}`;
      return required(decodeRepository(await get(base(at), what, signal)), host, what);
    },
    workflows: async (at, ref, signal) => {
      const what = `list the workflows of ${at.owner}/${at.repository}`;
      const active = await workflowPaths(at, ref, what, signal);
      const files = await Promise.all(
        active.map(async (path): Promise<Workflow | undefined> => {
          const text = await reader.contents(at, path, ref, signal);
          return text === undefined ? undefined : decodeWorkflow(path, parseYaml(text));
        }),
      );
      return files.filter((workflow) => workflow !== undefined);
    },
    runs: async (at, { limit, event }, signal) => {
      const of = event === undefined ? '' : `&event=${encode(event)}`;
      const what = `list the runs of ${at.owner}/${at.repository}`;
      const runs = await list(`${base(at)}/actions/runs?${page(limit)}${of}`, 'workflow_runs', what, signal);
      return runs.flatMap((run) => dialect.decodeRun(run, []) ?? []);
    },
    run: async (at, id, signal) => {
      const what = 'read a workflow run';
      const [found, jobs] = await Promise.all([
        get(`${base(at)}/actions/runs/${id}`, what, signal),
        jobsOf(at, id, signal),
      ]);
      return required(dialect.decodeRun(found, stepsOf(jobs)), host, what);
    },
    progress: async (at, id, signal) => {
      const jobs = await jobsOf(at, id, signal);
      const steps = stepsOf(jobs);
      const state = progressOf(jobs);
      if (state !== undefined) return { state, steps };
      const what = 'read a workflow run';
      const found = await get(`${base(at)}/actions/runs/${id}`, what, signal);
      return required(dialect.decodeRun(found, steps), host, what);
    },
    commits: async (at, ref, limit, signal) => {
      const what = `list the commits of ${at.owner}/${at.repository}`;
      return decodeCommits(await get(`${base(at)}/commits?sha=${encode(ref)}&${page(limit)}`, what, signal));
    },
    logTail: async (at, runId, lines, signal) => {
      const jobs = await jobsOf(at, runId, signal);
      const failed = jobs.filter(({ state }) => state === 'failed');
      const tails: string[] = [];
      for (const job of failed.length > 0 ? failed : jobs.slice(-1)) {
        const text = await get(`${base(at)}/actions/jobs/${job.id}/logs`, 'read the log of a job', signal);
        if (typeof text === 'string') tails.push(...text.trimEnd().split('\n').slice(-lines));
      }
      return tails;
    },
    approvals: async (at, runId, signal) => {
      if (dialect.lacks.approvals !== undefined) return [];
      const path = `${base(at)}/actions/runs/${runId}/pending_deployments`;
      return decodeApprovals(await get(path, 'list what a run waits for', signal));
    },
    environments: async (at, signal) => {
      if (dialect.lacks.environments !== undefined) return [];
      const what = `list the environments of ${at.owner}/${at.repository}`;
      const found = await list(`${base(at)}/environments?${page(100)}`, 'environments', what, signal);
      return found.flatMap((entry) => asString(asObject(entry)?.['name']) ?? []);
    },
    contents: async (at, path, ref, signal) => contentOf(await read(at, path, ref, signal)),
    compare: async (at, from, to, signal) => {
      const what = `compare commits of ${at.owner}/${at.repository}`;
      const range = `${encode(from)}...${encode(to)}`;
      const found = required(decodeComparison(await get(`${base(at)}/compare/${range}`, what, signal)), host, what);
      return dialect.arrange(found, range, at, host);
    },
    releases: async (at, limit, signal) => {
      const what = `list the releases of ${at.owner}/${at.repository}`;
      return decodeReleases(await get(`${base(at)}/releases?${page(limit)}`, what, signal));
    },
    branchRules: async (at, branch, signal) => {
      const what = `read the rules of ${branch}`;
      // Rules can be read by whoever can read; where they cannot, the push itself tells.
      const found = await orMissing(get(`${base(at)}/${dialect.rulesPath(encode(branch))}`, what, signal));
      return dialect.decodeRules(found);
    },
    pull: async (at, number, signal) => {
      const what = `read pull request ${number}`;
      return required(decodePull(await get(`${base(at)}/pulls/${number}`, what, signal)), host, what);
    },
    openPulls: async (at, into, signal) => {
      const what = `list the open pull requests of ${at.owner}/${at.repository}`;
      const query = `state=open&base=${encode(into)}&${page(100)}`;
      const open = asArray(await get(`${base(at)}/pulls?${query}`, what, signal));
      // Not every imitation filters.
      return open.filter((pull) => refOf(pull, 'base') === into).flatMap((pull) => decodeOpenPull(pull) ?? []);
    },
  };
  return reader;
}

function gitHubWriter({ send, host, dialect }: Api): ForgeWriter {
  return {
    dispatch: async (at, { workflow, ref, inputs }, signal) => {
      const name = workflowFileName(workflow);
      const path = `${base(at)}/actions/workflows/${encode(name)}/dispatches`;
      const what = `start the workflow ${name} of ${at.owner}/${at.repository}`;
      const post = async (query: string, body: object): Promise<Dispatched> => {
        const { status, data } = await send({ method: 'POST', path: path + query, what, body }, signal);
        const dispatched = decodeDispatched(data);
        // 204 says nothing more; any other success without a run comes from somebody else, and nothing was started.
        if (status !== 204 && dispatched.runId === undefined) throw forgeGarbage(host, what);
        return dispatched;
      };
      const { query, body } = dialect.dispatch;
      try {
        return await post(query, { ref, inputs, ...body });
      } catch (error) {
        // A server that is older than the field (February 2026) refuses it by name; nothing has been started then.
        if (!(error instanceof ForgeError) || !namesField(error)) throw error;
        return await post('', { ref, inputs });
      }
    },
    approve: async (at, runId, approvals, comment, signal) => {
      const body = { environment_ids: approvals.map(({ id }) => id), state: 'approved', comment };
      const path = `${base(at)}/actions/runs/${runId}/pending_deployments`;
      await send({ method: 'POST', path, what: `approve run ${runId}`, body }, signal);
    },
    openPull: async (at, { head, base: into, title, body }, signal) => {
      const what = `open a pull request into ${into} of ${at.owner}/${at.repository}`;
      const path = `${base(at)}/pulls`;
      const query = `?state=open&base=${encode(into)}&head=${encode(`${at.owner}:${head}`)}&${dialect.pageSize}=100`;
      const open = asArray((await send({ method: 'GET', path: path + query, what }, signal)).data);
      // Not every imitation filters.
      const same = open.find((pull) => refOf(pull, 'head') === head && refOf(pull, 'base') === into);
      const answer =
        same ?? (await send({ method: 'POST', path, what, body: { title, head, base: into, body } }, signal)).data;
      return required(decodePull(answer), host, what);
    },
  };
}

async function orMissing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ForgeError && error.status === 404) return undefined;
    throw error;
  }
}

function refOf(pull: unknown, end: 'head' | 'base'): string | undefined {
  return asString(asObject(asObject(pull)?.[end])?.['ref']);
}

function namesField({ status, data }: ForgeError): boolean {
  return (status === 400 || status === 422) && JSON.stringify(data ?? '').includes('return_run_details');
}

function decodeDispatched(data: unknown): Dispatched {
  // Forgejo calls it `id`.
  const runId = asNumber(asObject(data)?.['workflow_run_id']) ?? asNumber(asObject(data)?.['id']);
  const url = asString(asObject(data)?.['html_url']);
  return { ...(runId === undefined ? {} : { runId }), ...(url === undefined ? {} : { url }) };
}
