import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { components } from '@octokit/openapi-types';
import { describe, it } from 'mocha';
import { runGit } from '../../../src/lab/git/labGit';
import { type LabWorld, shareLabWorld, withLabForge } from '../labWorld';
import type { ForgeClient } from './forgeClient';

type Schemas = components['schemas'];

describe('lab forge', function () {
  // Real sockets and real programs, on a machine that may be busy.
  this.timeout(60_000);
  const world = shareLabWorld();
  const withForge = (
    body: (client: ForgeClient, world: LabWorld) => Promise<void>,
    options: Parameters<typeof withLabForge>[2] = {},
  ) => withLabForge(world(), (client) => body(client, world()), options);

  it('asks for its token', () =>
    withForge(async (client) => {
      for (const authorization of ['', 'Bearer wrong', 'Basic lab-token']) {
        const { status, body } = await client.ask('GET', '/user', undefined, { authorization });
        assert.equal(status, 401);
        assert.deepEqual(body, {
          message: 'Bad credentials',
          documentation_url: 'https://docs.github.com/rest',
          status: '401',
        });
      }
      assert.equal((await client.get<Schemas['public-user']>('/user')).login, 'lab-user');
    }));

  it('has the three repositories of acme and no others', () =>
    withForge(async (client, { git }) => {
      for (const name of ['backend', 'frontend', 'flux']) {
        const repository = await client.get<Schemas['full-repository']>(`/repos/acme/${name}`);
        assert.equal(repository.full_name, `acme/${name}`);
        assert.equal(repository.default_branch, 'main');
        assert.equal(repository.clone_url, git.url(name));
      }
      for (const path of [
        '/repos/acme/none',
        '/repos/other/backend',
        '/repos/acme/..',
        '/repos/acme/backend/nothing',
      ]) {
        assert.equal((await client.ask('GET', path)).status, 404, path);
      }
    }));

  it('shows files and folders at any ref', () =>
    withForge(async (client, { gitRoot, summary }) => {
      const path = '.github/workflows/promote-production.yml';
      const file = await client.get<Schemas['content-file']>(`/repos/acme/backend/contents/${path}`);
      const content = await runGit(['show', `main:${path}`], { cwd: join(gitRoot, 'backend.git') });
      assert.equal(Buffer.from(file.content, 'base64').toString('utf8'), content);
      const old = summary.tags.backend.production[0] ?? '';
      const version = await client.get<Schemas['content-file']>(`/repos/acme/backend/contents/VERSION?ref=${old}`);
      assert.equal(Buffer.from(version.content, 'base64').toString('utf8'), '0.0.2\n');
      const folder = await client.get<Schemas['content-directory']>('/repos/acme/backend/contents/.github/workflows/');
      assert.deepEqual(
        folder.map(({ name, type }) => `${type} ${name}`),
        ['file promote-production.yml', 'file rebuild-production.yml'],
      );
      assert.equal((await client.get<Schemas['content-directory']>('/repos/acme/backend/contents')).length, 7);
      for (const missing of ['contents/nothing', 'contents/VERSION?ref=none', 'contents/VERSION?ref=--output=x']) {
        assert.equal((await client.ask('GET', `/repos/acme/backend/${missing}`)).status, 404, missing);
      }
    }));

  it('shows a commit with its files, and compares two', () =>
    withForge(async (client, { summary }) => {
      const joint = summary.writeBacks.find(({ changes }) => changes.length === 2);
      const commit = await client.get<Schemas['commit']>(`/repos/acme/flux/commits/${joint?.commit}`);
      assert.equal(commit.commit.author?.name, 'fluxcdbot');
      assert.deepEqual(
        commit.files?.map(({ filename, status, changes }) => `${status} ${filename} ${changes}`),
        [
          'modified flux/apps/backend/production/kustomization.yaml 2',
          'modified flux/apps/frontend/overlays/production/kustomization.yaml 2',
        ],
      );
      const base = commit.parents[0]?.sha ?? '';
      const forward = await client.get<Schemas['commit-comparison']>(`/repos/acme/flux/compare/${base}...main`);
      assert.equal(forward.status, 'ahead');
      assert.equal(forward.commits[0]?.sha, commit.sha);
      assert.equal(forward.commits.at(-1)?.sha, summary.head);
      const back = await client.get<Schemas['commit-comparison']>(`/repos/acme/flux/compare/main...${base}`);
      assert.deepEqual([back.status, back.behind_by], ['behind', forward.ahead_by]);
    }));

  it('lists releases, newest first, page by page', () =>
    withForge(async (client, { summary }) => {
      const newestFirst = [...summary.tags.backend.production].reverse();
      const releases = await client.get<Schemas['release'][]>('/repos/acme/backend/releases');
      assert.deepEqual(
        releases.map(({ tag_name }) => tag_name),
        newestFirst,
      );
      const latest = await client.get<Schemas['release']>('/repos/acme/backend/releases/latest');
      assert.deepEqual(latest, releases[0]);
      assert.equal(latest.body, `Promoted from ${latest.tag_name.replace('production', 'staging')}.`);
      const { headers, body } = await client.ask('GET', '/repos/acme/backend/releases?per_page=1&page=2');
      assert.deepEqual(body, [releases[1]]);
      assert.match(headers.get('link') ?? '', /page=3>; rel="next"/);
    }));

  it('answers 304 as long as nothing changed', () =>
    withForge(async (client) => {
      const { headers } = await client.ask('GET', '/repos/acme/backend/releases');
      const again = await client.ask('GET', '/repos/acme/backend/releases', undefined, {
        'if-none-match': headers.get('etag') ?? '',
      });
      assert.equal(again.status, 304);
    }));

  it('has a rate limit, which its headers count down', () =>
    withForge(
      async (client) => {
        const first = await client.ask('GET', '/user');
        assert.equal(first.headers.get('x-ratelimit-remaining'), '1');
        await client.ask('GET', '/user');
        const third = await client.ask('GET', '/user');
        assert.equal(third.status, 403);
        assert.equal(third.headers.get('x-ratelimit-remaining'), '0');
        assert.ok(Number(third.headers.get('x-ratelimit-reset')) > Date.now() / 1000);
      },
      { rateLimit: 2 },
    ));

  it('says what a test wants it to say', () =>
    withForge(
      async (client) => {
        assert.equal((await client.ask('GET', '/repos/acme/backend')).status, 502);
        assert.equal((await client.ask('GET', '/user')).status, 200);
      },
      { fault: ({ path }) => (path === '/user' ? undefined : { status: 502, body: '<html>' }) },
    ));

  it('opens a pull request and merges it', () =>
    // Last: it moves the tip of flux.
    withForge(async (client, { gitRoot, summary }) => {
      const flux = join(gitRoot, 'flux.git');
      const env = {
        GIT_AUTHOR_NAME: 'Ada',
        GIT_AUTHOR_EMAIL: 'ada@example.invalid',
        GIT_COMMITTER_NAME: 'Ada',
        GIT_COMMITTER_EMAIL: 'ada@example.invalid',
      };
      const parent = `${summary.head}~1`;
      const made = await runGit(['commit-tree', `${parent}^{tree}`, '-p', parent, '-m', 'Try'], { cwd: flux, env });
      const change = { title: 'Try it', head: 'try', base: 'main', body: 'Please.' };
      assert.equal((await client.ask('POST', '/repos/acme/flux/pulls', change)).status, 422);
      await runGit(['update-ref', 'refs/heads/try', made.trim()], { cwd: flux });
      const opened = await client.ask('POST', '/repos/acme/flux/pulls', change);
      assert.equal(opened.status, 201);
      assert.equal((await client.ask('POST', '/repos/acme/flux/pulls', change)).status, 422);
      const pull = await client.get<Schemas['pull-request']>('/repos/acme/flux/pulls/1');
      assert.deepEqual([pull.mergeable, pull.commits, pull.state], [true, 1, 'open']);
      const stale = await client.ask('PUT', '/repos/acme/flux/pulls/1/merge', { sha: summary.head });
      assert.equal(stale.status, 409);
      const { status } = await client.ask('PUT', '/repos/acme/flux/pulls/1/merge', {});
      assert.equal(status, 200);
      const parents = await runGit(['log', '-1', '--format=%P', 'main'], { cwd: flux });
      assert.equal(parents.trim(), `${summary.head} ${made.trim()}`);
      assert.equal((await client.ask('PUT', '/repos/acme/flux/pulls/1/merge', {})).status, 405);
      const closed = await client.get<Schemas['pull-request-simple'][]>('/repos/acme/flux/pulls?state=closed');
      assert.deepEqual(
        closed.map(({ number, merged_at }) => [number, merged_at !== null]),
        [[1, true]],
      );
    }));
});
