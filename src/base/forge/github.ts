// GitHub's REST API, and what imitates it (GitHub Enterprise Server, the lab). Reading and dispatching are separate types.
import type { Workflow, WorkflowRun } from '../../model/facts';
import { asArray, asNumber, asObject, asString } from '../json';
import { forgeGarbage } from './forgeProblem';
import {
  type Comparison,
  decodeComparison,
  decodeJobs,
  decodeReleases,
  decodeRun,
  decodeWorkflow,
  type Release,
  stepsOf,
} from './records';
import { contentOf, type ForgeAccess, ForgeError, type ForgeSend, forgeSend } from './request';

export interface ForgeRepository {
  readonly owner: string;
  readonly repository: string;
}

export interface RunFilter {
  readonly limit: number;
  /** `.github/workflows/x.yml`, or its last part. */
  readonly workflow?: string;
  readonly event?: string;
  /** Milliseconds since the epoch. */
  readonly createdSince?: number;
}

/** Everything rejects with a `forge-…` problem, `timed-out` or `too-large`. */
export interface ForgeReader {
  defaultBranch(at: ForgeRepository, signal: AbortSignal): Promise<string>;
  /** Active workflows that a person can dispatch, by their files on `ref`. */
  workflows(at: ForgeRepository, ref: string, signal: AbortSignal): Promise<readonly Workflow[]>;
  /** Newest first, without steps. */
  runs(at: ForgeRepository, filter: RunFilter, signal: AbortSignal): Promise<readonly WorkflowRun[]>;
  /** With the steps of all jobs of the latest attempt. */
  run(at: ForgeRepository, id: number, signal: AbortSignal): Promise<WorkflowRun>;
  /** The last lines of the jobs that failed, or of the last job when none did. */
  logTail(at: ForgeRepository, runId: number, lines: number, signal: AbortSignal): Promise<readonly string[]>;
  /** A file's text; undefined where there is no such file. */
  contents(at: ForgeRepository, path: string, ref: string, signal: AbortSignal): Promise<string | undefined>;
  compare(at: ForgeRepository, base: string, head: string, signal: AbortSignal): Promise<Comparison>;
  /** Newest first. */
  releases(at: ForgeRepository, limit: number, signal: AbortSignal): Promise<readonly Release[]>;
}

export interface Dispatch {
  /** `.github/workflows/x.yml`, or its last part. */
  readonly workflow: string;
  /** Branch or tag. */
  readonly ref: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/** What the forge says about the run that it started; older servers say nothing. */
export interface Dispatched {
  readonly runId?: number;
  readonly url?: string;
}

export interface ForgeWriter {
  dispatch(at: ForgeRepository, dispatch: Dispatch, signal: AbortSignal): Promise<Dispatched>;
}

export interface GitHub {
  readonly reader: ForgeReader;
  readonly writer: ForgeWriter;
}

const encode = encodeURIComponent;

function fileName(workflow: string): string {
  return workflow.slice(workflow.lastIndexOf('/') + 1);
}

/** Takes the decoder of workflow files, for YAML is read elsewhere; undefined from it means that it cannot be parsed. */
export function gitHub(access: ForgeAccess, parseYaml: (text: string) => unknown): GitHub {
  const send = forgeSend(access);
  const { host } = new URL(access.apiUrl);
  return { reader: gitHubReader(send, host, parseYaml), writer: gitHubWriter(send, host) };
}

function gitHubReader(send: ForgeSend, host: string, parseYaml: (text: string) => unknown): ForgeReader {
  const base = ({ owner, repository }: ForgeRepository): string => `/repos/${encode(owner)}/${encode(repository)}`;
  const get = async (path: string, what: string, signal: AbortSignal): Promise<unknown> =>
    (await send({ method: 'GET', path, what }, signal)).data;
  const jobsOf = async (at: ForgeRepository, runId: number, signal: AbortSignal) =>
    decodeJobs(await get(`${base(at)}/actions/runs/${runId}/jobs?per_page=100`, 'read the jobs of a run', signal));

  const reader: ForgeReader = {
    defaultBranch: async (at, signal) => {
      const what = `read the repository ${at.owner}/${at.repository}`;
      const branch = asString(asObject(await get(base(at), what, signal))?.['default_branch']);
      if (branch === undefined) throw forgeGarbage(host, what);
      return branch;
    },
    workflows: async (at, ref, signal) => {
      const what = `list the workflows of ${at.owner}/${at.repository}`;
      const listed = asObject(await get(`${base(at)}/actions/workflows?per_page=100`, what, signal));
      if (!Array.isArray(listed?.['workflows'])) throw forgeGarbage(host, what);
      const active = asArray(listed['workflows'])
        .map(asObject)
        .filter((workflow) => workflow?.['state'] === 'active')
        .flatMap((workflow) => asString(workflow?.['path']) ?? [])
        // What GitHub itself adds (`dynamic/…`) has no file.
        .filter((path) => path.startsWith('.github/'));
      const read = await Promise.all(
        active.map(async (path) => {
          const text = await reader.contents(at, path, ref, signal);
          return text === undefined ? undefined : decodeWorkflow(path, parseYaml(text));
        }),
      );
      return read.filter((workflow) => workflow !== undefined);
    },
    runs: async (at, { limit, workflow, event, createdSince }, signal) => {
      const query = new URLSearchParams({ per_page: String(limit) });
      if (event !== undefined) query.set('event', event);
      if (createdSince !== undefined) query.set('created', `>=${new Date(createdSince).toISOString().slice(0, 19)}Z`);
      const of = workflow === undefined ? '' : `/workflows/${encode(fileName(workflow))}`;
      const what = `list the runs of ${at.owner}/${at.repository}`;
      const listed = asObject(await get(`${base(at)}/actions${of}/runs?${query.toString()}`, what, signal));
      if (!Array.isArray(listed?.['workflow_runs'])) throw forgeGarbage(host, what);
      return asArray(listed['workflow_runs']).flatMap((run) => decodeRun(run) ?? []);
    },
    run: async (at, id, signal) => {
      const what = 'read a workflow run';
      const [found, jobs] = await Promise.all([
        get(`${base(at)}/actions/runs/${id}`, what, signal),
        jobsOf(at, id, signal),
      ]);
      const run = decodeRun(found, stepsOf(jobs));
      if (run === undefined) throw forgeGarbage(host, what);
      return run;
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
    contents: async (at, path, ref, signal) => {
      const encoded = path.split('/').map(encode).join('/');
      const what = `read ${path} of ${at.owner}/${at.repository}`;
      try {
        return contentOf(await get(`${base(at)}/contents/${encoded}?ref=${encode(ref)}`, what, signal));
      } catch (error) {
        if (error instanceof ForgeError && error.status === 404) return undefined;
        throw error;
      }
    },
    compare: async (at, from, to, signal) => {
      const what = `compare commits of ${at.owner}/${at.repository}`;
      const found = decodeComparison(await get(`${base(at)}/compare/${encode(from)}...${encode(to)}`, what, signal));
      if (found === undefined) throw forgeGarbage(host, what);
      return found;
    },
    releases: async (at, limit, signal) => {
      const what = `list the releases of ${at.owner}/${at.repository}`;
      return decodeReleases(await get(`${base(at)}/releases?per_page=${limit}`, what, signal));
    },
  };
  return reader;
}

function gitHubWriter(send: ForgeSend, host: string): ForgeWriter {
  return {
    dispatch: async ({ owner, repository }, { workflow, ref, inputs }, signal) => {
      const name = fileName(workflow);
      const path = `/repos/${encode(owner)}/${encode(repository)}/actions/workflows/${encode(name)}/dispatches`;
      const what = `start the workflow ${name} of ${owner}/${repository}`;
      const post = async (body: object): Promise<Dispatched> => {
        const { status, data } = await send({ method: 'POST', path, what, body }, signal);
        const dispatched = decodeDispatched(data);
        // 204 says nothing more; any other success without a run comes from somebody else, and nothing was started.
        if (status !== 204 && dispatched.runId === undefined) throw forgeGarbage(host, what);
        return dispatched;
      };
      try {
        return await post({ ref, inputs, return_run_details: true });
      } catch (error) {
        // A server that is older than the field (February 2026) refuses it by name; nothing has been started then.
        if (!(error instanceof ForgeError) || !namesField(error)) throw error;
        return await post({ ref, inputs });
      }
    },
  };
}

function namesField({ status, data }: ForgeError): boolean {
  return (status === 400 || status === 422) && JSON.stringify(data ?? '').includes('return_run_details');
}

function decodeDispatched(data: unknown): Dispatched {
  const runId = asNumber(asObject(data)?.['workflow_run_id']);
  const url = asString(asObject(data)?.['html_url']);
  return { ...(runId === undefined ? {} : { runId }), ...(url === undefined ? {} : { url }) };
}
