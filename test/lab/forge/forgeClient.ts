import assert from 'node:assert/strict';
import type { components } from '@octokit/openapi-types';
import type { RunningForge } from '../../../src/lab/forge/forge';
import { until } from '../until';

type Schemas = components['schemas'];

export const labToken = 'lab-token';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A client that knows GitHub's shapes; what the forge answers is checked against them by the compiler on its side. */
export class ForgeClient {
  readonly #apiUrl: string;

  constructor(forge: RunningForge) {
    this.#apiUrl = forge.apiUrl;
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const answer = await fetch(`${this.#apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${labToken}`, accept: 'application/vnd.github+json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
  }

  async get<T>(path: string): Promise<T> {
    const { status, body } = await this.ask('GET', path);
    assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
    return body as T;
  }

  /** Returns the run's id. */
  async dispatch(repository: string, workflow: string, inputs: Readonly<Record<string, string>>): Promise<number> {
    const path = `/repos/acme/${repository}/actions/workflows/${workflow}/dispatches`;
    const { status, body } = await this.ask('POST', path, { ref: 'main', inputs, return_run_details: true });
    assert.equal(status, 200, JSON.stringify(body));
    return Number((body as Schemas['workflow-dispatch-response']).workflow_run_id);
  }

  run(repository: string, id: number): Promise<Schemas['workflow-run']> {
    return this.get(`/repos/acme/${repository}/actions/runs/${id}`);
  }

  async job(repository: string, runId: number): Promise<Schemas['job']> {
    const { jobs } = await this.get<{ jobs: Schemas['job'][] }>(`/repos/acme/${repository}/actions/runs/${runId}/jobs`);
    assert.ok(jobs[0]);
    return jobs[0];
  }

  log(repository: string, job: Schemas['job']): Promise<string> {
    return this.get(`/repos/acme/${repository}/actions/jobs/${job.id}/logs`);
  }

  completed(repository: string, id: number): Promise<Schemas['workflow-run']> {
    return until(
      async () => {
        const run = await this.run(repository, id);
        return run.status === 'completed' && run;
      },
      { timeoutMs: 10_000, what: `run ${id} of ${repository}` },
    );
  }
}

/** `name: conclusion` of each step, for comparison at a glance. */
export function outlineSteps(job: Schemas['job']): readonly string[] {
  return (job.steps ?? []).map(({ name, status, conclusion }) => `${name}: ${conclusion ?? status}`);
}
