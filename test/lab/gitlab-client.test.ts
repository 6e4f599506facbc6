// GitLab's documented answers (https://docs.gitlab.com/api/) and what the client makes of them, over real sockets.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import type { Forge } from '../../src/base/forge/forge';
import { openForge } from '../../src/base/forge/openForge';
import { parseJson } from '../../src/base/json';
import { silentLogger } from '../../src/base/logger';
import { json, type ScriptedServer, scriptedServer } from './scriptedServer';

const { signal } = new AbortController();
const at = { owner: 'acme/shop', repository: 'backend' };
const project = '/projects/acme%2Fshop%2Fbackend';

const answers: Readonly<Record<string, unknown>> = {
  [`GET ${project}`]: {
    default_branch: 'main',
    permissions: { project_access: null, group_access: { access_level: 30 } },
  },
  [`GET ${project}/repository/files/.gitlab-ci.yml`]: {
    encoding: 'base64',
    // JSON is YAML.
    content: Buffer.from(
      JSON.stringify({
        variables: {
          STAGING_TAG: { description: 'The tag', value: '' },
          SIZE: { description: 'How', value: 's', options: ['s', 'm'] },
          INTERNAL: 'x',
        },
      }),
    ).toString('base64'),
  },
  [`GET ${project}/pipelines`]: [
    { id: 7, status: 'manual', web_url: 'https://h/7', created_at: '2026-01-01T00:00:00Z' },
  ],
  [`GET ${project}/pipelines/7/jobs`]: [
    { id: 1, name: 'retag', status: 'success' },
    { id: 2, name: 'go', status: 'manual' },
  ],
  [`GET ${project}/repository/branches/main`]: { protected: true, can_push: false },
  [`GET ${project}/repository/compare`]: {
    web_url: 'https://h/compare',
    commits: [{ id: 'abc', title: 'One', message: 'One\n\nx', author_name: 'Ada', created_at: '2026-01-01T00:00:00Z' }],
  },
  [`GET ${project}/merge_requests`]: [],
  [`GET ${project}/merge_requests?state=opened&target_branch=main&per_page=100`]: [
    {
      iid: 4,
      state: 'opened',
      web_url: 'https://h/mr/4',
      title: 't',
      source_branch: 'flux-promote/y',
      created_at: '2026-01-01T00:00:00Z',
    },
    { iid: 5 },
    null,
  ],
  [`POST ${project}/merge_requests`]: { iid: 3, state: 'opened', web_url: 'https://h/mr/3' },
  [`GET ${project}/merge_requests/3`]: { iid: 3, state: 'merged', web_url: 'https://h/mr/3', merge_commit_sha: 'fed' },
  [`POST ${project}/pipeline`]: { id: 8, web_url: 'https://h/8' },
  [`POST ${project}/jobs/2/play`]: { id: 2 },
};

describe("GitLab's pipelines, by the documented API", function () {
  this.timeout(30_000);
  let server: ScriptedServer | undefined;
  const bodies: unknown[] = [];
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  const start = async (): Promise<Forge> => {
    bodies.length = 0;
    server = await scriptedServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      if (text !== '') bodies.push(JSON.parse(text));
      const { pathname, search } = new URL(request.url ?? '', 'http://h');
      const asked = `${request.method ?? ''} ${pathname}`;
      const answer = answers[asked + search] ?? answers[asked];
      if (answer === undefined) return json(response, { message: '404 Not Found' }, 404);
      return json(response, answer);
    });
    const access = { fetch, clock: systemClock, logger: silentLogger, apiUrl: server.url, token: async () => 'glpat' };
    return openForge('gitlab', access, parseJson);
  };

  it('reads what can be started, and by whom', async () => {
    const { reader, isExperimental } = await start();
    assert.equal(isExperimental, true);
    assert.deepEqual(await reader.repository(at, signal), { defaultBranch: 'main', mayWrite: true });
    const [workflow] = await reader.workflows(at, 'main', signal);
    assert.deepEqual(
      workflow?.inputs.map(({ name, type, options }) => [name, type, options]),
      [
        ['STAGING_TAG', 'string', []],
        ['SIZE', 'choice', ['s', 'm']],
      ],
    );
  });

  it('starts a pipeline, follows it to a manual job, and lets it go on', async () => {
    const { reader, writer } = await start();
    const inputs = { STAGING_TAG: 'staging-v1' };
    assert.deepEqual(await writer.dispatch(at, { workflow: '.gitlab-ci.yml', ref: 'main', inputs }, signal), {
      runId: 8,
      url: 'https://h/8',
    });
    assert.deepEqual(bodies, [{ ref: 'main', variables: [{ key: 'STAGING_TAG', value: 'staging-v1' }] }]);
    assert.equal((await reader.runs(at, { limit: 5 }, signal))[0]?.state, 'waiting');
    assert.deepEqual(await reader.progress(at, 7, signal), {
      state: 'waiting',
      steps: [
        { name: 'retag', state: 'succeeded' },
        { name: 'go', state: 'waiting' },
      ],
    });
    const pending = await reader.approvals(at, 7, signal);
    assert.deepEqual(pending, [{ id: 2, name: 'go', mayApprove: true }]);
    await writer.approve(at, 7, pending, '', signal);
    assert.equal(server?.requests.at(-1), `POST ${project}/jobs/2/play`);
  });

  it('compares, tells of a protected branch, and asks to merge', async () => {
    const { reader, writer } = await start();
    assert.equal((await reader.compare(at, 'a', 'b', signal)).commits[0]?.subject, 'One');
    assert.deepEqual(await reader.branchRules(at, 'main', signal), { needsPull: true, rules: ['a merge request'] });
    const pull = await writer.openPull(at, { head: 'flux-promote/x', base: 'main', title: 't', body: 'b' }, signal);
    assert.deepEqual(pull, { number: 3, url: 'https://h/mr/3', state: 'open' });
    assert.deepEqual(await reader.pull(at, 3, signal), { ...pull, state: 'merged', mergeCommit: 'fed' });
    assert.deepEqual(await reader.openPulls(at, 'main', signal), [
      { number: 4, url: 'https://h/mr/4', title: 't', head: 'flux-promote/y', at: Date.UTC(2026, 0, 1) },
    ]);
  });
});
