import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import type { Forge } from '../../src/base/forge/forge';
import { gitHub } from '../../src/base/forge/github';
import { parseJson } from '../../src/base/json';
import { silentLogger } from '../../src/base/logger';
import { ProblemError } from '../../src/model/problem';
import { type Answer, html, json, type ScriptedServer, scriptedServer } from './scriptedServer';

const signal = new AbortController().signal;
const at = { owner: 'acme', repository: 'backend' };
const token = 'ghp_S3cr3tS3cr3tS3cr3t';
const dispatch = { workflow: '.github/workflows/promote.yml', ref: 'main', inputs: { staging_tag: 'x' } };

async function problemOf(promise: Promise<unknown>): Promise<ProblemError['problem']> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    assert.doesNotMatch(JSON.stringify(error.problem), /S3cr3t/);
    return error.problem;
  }
  throw new Error('no problem');
}

async function bodyOf(request: AsyncIterable<Buffer>): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += chunk.toString();
  return JSON.parse(text) as Record<string, unknown>;
}

describe('GitHub client over real sockets', function () {
  // Real programs and sockets, on a machine that may be busy.
  this.timeout(30_000);
  let server: ScriptedServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  const start = async (answer: Answer): Promise<Forge> => {
    server = await scriptedServer(answer);
    const access = { fetch, clock: systemClock, logger: silentLogger, apiUrl: server.url, token: async () => token };
    // JSON is YAML: the workflow files of these tests are written as JSON.
    return gitHub(access, parseJson);
  };

  const file = (value: unknown) => ({
    encoding: 'base64',
    content: Buffer.from(JSON.stringify(value))
      .toString('base64')
      .replace(/(.{20})/g, '$1\n'),
  });

  it('reads what can be dispatched from the workflow files', async () => {
    const { reader } = await start((request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://x');
      if (pathname === '/repos/acme/backend') return json(response, { default_branch: 'trunk' });
      if (pathname === '/repos/acme/backend/actions/workflows') {
        const workflows = ['promote.yml', 'ci.yml', 'off.yml'].map((name) => ({
          path: `.github/workflows/${name}`,
          state: name === 'off.yml' ? 'disabled_manually' : 'active',
        }));
        return json(response, { workflows: [...workflows, { path: 'dynamic/pages', state: 'active' }] });
      }
      if (pathname.endsWith('/promote.yml')) {
        assert.match(request.url ?? '', /\?ref=trunk$/);
        return json(response, file({ name: 'Promote ü', on: { workflow_dispatch: { inputs: { staging_tag: {} } } } }));
      }
      return json(response, file({ on: 'push' }));
    });
    const { defaultBranch: branch } = await reader.repository(at, signal);
    const workflows = await reader.workflows(at, branch, signal);
    assert.deepEqual(
      workflows.map(({ name, inputs }) => [name, inputs.map((input) => input.name)]),
      [['Promote ü', ['staging_tag']]],
    );
  });

  it('reads runs, steps, logs, comparisons and releases', async () => {
    const run = {
      id: 7,
      html_url: 'https://h/7',
      path: '.github/workflows/promote.yml@refs/heads/main',
      status: 'completed',
      conclusion: 'failure',
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:01:00Z',
      actor: { login: 'ada' },
    };
    const { reader } = await start((request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://x');
      if (pathname.endsWith('/runs')) return json(response, { workflow_runs: [run] });
      if (pathname.endsWith('/runs/7')) return json(response, run);
      if (pathname.endsWith('/jobs')) {
        const steps = [{ name: 'Retag', status: 'completed', conclusion: 'failure' }];
        return json(response, { jobs: [{ id: 1, name: 'j', status: 'completed', conclusion: 'failure', steps }] });
      }
      if (pathname.endsWith('/logs')) return response.writeHead(200, { 'content-type': 'text/plain' }).end('a\nb\nc\n');
      if (pathname.includes('/compare/'))
        return json(response, { ahead_by: 2, commits: [{ sha: 'abc', commit: { message: 'One\n\nx' } }] });
      return json(response, [{ tag_name: 'v1', name: null }]);
    });
    const [listed] = await reader.runs(at, { limit: 5, event: 'workflow_dispatch' }, signal);
    assert.deepEqual(listed, {
      id: 7,
      url: 'https://h/7',
      workflow: '.github/workflows/promote.yml',
      state: 'failed',
      createdAt: 1767225600000,
      updatedAt: 1767225660000,
      actor: 'ada',
      steps: [],
    });
    assert.deepEqual((await reader.run(at, 7, signal)).steps, [{ name: 'Retag', state: 'failed' }]);
    assert.deepEqual(await reader.logTail(at, 7, 2, signal), ['b', 'c']);
    assert.equal((await reader.compare(at, 'v1', 'a/b', signal)).commits[0]?.subject, 'One');
    assert.equal((await reader.releases(at, 3, signal))[0]?.name, 'v1');
    const first = server?.requests[0] ?? '';
    assert.match(first, /\/actions\/runs\?per_page=5&event=workflow_dispatch$/);
  });

  it('asks again with the ETag, and counts nothing twice', async () => {
    let answers = 0;
    const { reader } = await start((request, response) => {
      if (request.headers['if-none-match'] === '"1"') return response.writeHead(304).end();
      answers += 1;
      return json(response, { default_branch: 'main' }, 200, { etag: '"1"' });
    });
    assert.equal((await reader.repository(at, signal)).defaultBranch, 'main');
    assert.equal((await reader.repository(at, signal)).defaultBranch, 'main');
    assert.equal(answers, 1);
    assert.equal(server?.requests.length, 2);
  });

  it('starts a workflow and learns its run', async () => {
    let sent: unknown;
    const { writer } = await start(async (request, response) => {
      sent = [request.url, request.headers.authorization, await bodyOf(request)];
      json(response, { workflow_run_id: 99, html_url: 'https://h/99' });
    });
    assert.deepEqual(await writer.dispatch(at, dispatch, signal), { runId: 99, url: 'https://h/99' });
    assert.deepEqual(sent, [
      '/repos/acme/backend/actions/workflows/promote.yml/dispatches',
      `Bearer ${token}`,
      { ref: 'main', inputs: { staging_tag: 'x' }, return_run_details: true },
    ]);
  });

  it('starts a workflow on an older server without its run', async () => {
    const { writer } = await start(async (request, response) => {
      if ('return_run_details' in (await bodyOf(request))) {
        json(response, { message: 'Invalid request.\n\n"return_run_details" is not a permitted key.' }, 422);
      } else response.writeHead(204).end();
    });
    assert.deepEqual(await writer.dispatch(at, dispatch, signal), {});
    assert.equal(server?.requests.length, 2);
  });

  it('does not try a refused input twice, and says what the forge says', async () => {
    const { writer } = await start((_request, response) =>
      json(response, { message: 'Unexpected inputs provided: x' }, 422),
    );
    const problem = await problemOf(writer.dispatch(at, dispatch, signal));
    assert.equal(problem.code, 'forge-refused');
    assert.match(problem.message, /Unexpected inputs provided: x/);
    assert.equal(server?.requests.length, 1);
  });

  const faults: readonly (readonly [string, string, Answer])[] = [
    ['401', 'forge-unauthorized', (_request, response) => json(response, { message: 'Bad credentials' }, 401)],
    ['404', 'forge-not-found', (_request, response) => json(response, { message: 'Not Found' }, 404)],
    ['500', 'forge-failed', (_request, response) => json(response, {}, 500)],
    ['HTML', 'forge-failed', (_request, response) => html(response)],
    ['HTML with 404', 'forge-not-found', (_request, response) => html(response, 404)],
    [
      'truncated JSON',
      'forge-failed',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"default_br');
      },
    ],
    ['a reset', 'forge-unreachable', (request) => request.socket.resetAndDestroy()],
    ['a giant', 'too-large', (_request, response) => response.end('x'.repeat(17_000_000))],
  ];
  for (const [name, code, answer] of faults) {
    it(`says ${code} for ${name}`, async () => {
      const { reader } = await start(answer);
      assert.equal((await problemOf(reader.repository(at, signal))).code, code);
    });
  }

  it('leaves the forge alone while the limit is used up', async () => {
    const { reader } = await start((_request, response) => json(response, {}, 429, { 'retry-after': '60' }));
    assert.equal((await problemOf(reader.repository(at, signal))).code, 'forge-rate-limited');
    assert.equal((await problemOf(reader.releases(at, 1, signal))).code, 'forge-rate-limited');
    assert.equal(server?.requests.length, 1);
  });

  it('passes cancellation through untouched', async () => {
    const { reader } = await start(() => undefined);
    const user = new AbortController();
    const reading = reader.repository(at, user.signal);
    user.abort(new Error('cancelled by the user'));
    await assert.rejects(reading, /cancelled by the user/);
  });
});
