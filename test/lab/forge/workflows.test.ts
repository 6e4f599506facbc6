import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { components } from '@octokit/openapi-types';
import { describe, it } from 'mocha';
import { runGit } from '../../../src/lab/git/labGit';
import { readDigest } from '../../../src/lab/registry/pushImage';
import { type LabWorld, shareLabWorld, startLabForge, withLabForge, withLabWorld } from '../labWorld';
import { until } from '../until';
import { ForgeClient, outlineSteps } from './forgeClient';

type Schemas = components['schemas'];

const promote = 'promote-production.yml';

function withForge(
  body: (client: ForgeClient, world: LabWorld) => Promise<void>,
  options: Parameters<typeof withLabForge>[2] = {},
): Promise<void> {
  return withLabWorld((world) => withLabForge(world, (client) => body(client, world), options));
}

function candidate({ summary }: LabWorld): string {
  return summary.tags.backend.staging.at(-1) ?? '';
}

describe('lab forge workflows', function () {
  // Real sockets and real programs, on a machine that may be busy.
  this.timeout(60_000);
  const world = shareLabWorld();
  /** For runs that change neither registry nor repository. */
  const onSharedWorld = (body: (client: ForgeClient, world: LabWorld) => Promise<void>) =>
    withLabForge(world(), (client) => body(client, world()));

  it('lists them, and finds one by file and by id', () =>
    onSharedWorld(async (client) => {
      const { workflows } = await client.get<{ workflows: Schemas['workflow'][] }>(
        '/repos/acme/backend/actions/workflows',
      );
      assert.deepEqual(
        workflows.map(({ name, path, state }) => `${name} ${path} ${state}`),
        [
          'Promote to Production .github/workflows/promote-production.yml active',
          'Rebuild for Production .github/workflows/rebuild-production.yml active',
        ],
      );
      for (const key of [promote, workflows[0]?.id]) {
        assert.deepEqual(await client.get(`/repos/acme/backend/actions/workflows/${key}`), workflows[0]);
      }
      const flux = await client.get<{ total_count: number }>('/repos/acme/flux/actions/workflows');
      assert.equal(flux.total_count, 0);
    }));

  const refusals = [
    { body: {}, status: 422, message: /"ref" wasn't supplied/ },
    { body: { ref: 'main' }, status: 422, message: /^Required input 'staging_tag' not provided$/ },
    { body: { ref: 'main', inputs: { staging_tag: '' } }, status: 422, message: /^Required input/ },
    { body: { ref: 'none', inputs: { staging_tag: 'x' } }, status: 422, message: /^No ref found for: none$/ },
    { body: { ref: 'main', inputs: { tag: 'x' } }, status: 422, message: /^Unexpected inputs provided: \["tag"\]$/ },
    { body: [], status: 400, message: /^Problems parsing JSON$/ },
  ];
  it("refuses a dispatch in GitHub's words, and starts nothing", () =>
    onSharedWorld(async (client) => {
      const path = `/repos/acme/backend/actions/workflows/${promote}/dispatches`;
      for (const { body, status, message } of refusals) {
        const reply = await client.ask('POST', path, body);
        assert.equal(reply.status, status, JSON.stringify(body));
        assert.match((reply.body as { message: string }).message, message);
      }
      const none = '/repos/acme/backend/actions/workflows/none.yml/dispatches';
      assert.equal((await client.ask('POST', none, { ref: 'main' })).status, 404);
      assert.equal((await client.get<{ total_count: number }>('/repos/acme/backend/actions/runs')).total_count, 0);
    }));

  it('promotes: the same image under the production tag and the alias, recorded and released', () =>
    withForge(async (client, world) => {
      const { registryUrl, gitRoot } = world;
      const staging = candidate(world);
      const production = staging.replace('staging', 'production');
      const id = await client.dispatch('backend', promote, { staging_tag: staging });
      const run = await client.completed('backend', id);
      assert.deepEqual(
        [run.conclusion, run.display_title, run.event, run.head_branch, run.run_number],
        ['success', `Promote ${staging} to production`, 'workflow_dispatch', 'main', 1],
      );
      const job = await client.job('backend', id);
      assert.deepEqual(outlineSteps(job), [
        'Set up job: success',
        'Check out the repository: success',
        'Check the staging tag: success',
        'Copy the image: success',
        'Record the release: success',
        'Publish the release: success',
        'Complete job: success',
      ]);
      const digest = await readDigest(registryUrl, 'acme/backend', staging);
      assert.equal(await readDigest(registryUrl, 'acme/backend', production), digest);
      assert.equal(await readDigest(registryUrl, 'acme/backend', 'production'), digest);
      const page = await client.ask('GET', new URL(run.html_url).pathname, undefined, { authorization: '' });
      assert.match(String(page.body), /success {6}Copy the image/);
      assert.match(await client.log('backend', job), new RegExp(`acme/backend:${production} ${digest}`));
      const backend = join(gitRoot, 'backend.git');
      assert.equal(await runGit(['show', 'main:VERSION'], { cwd: backend }), '0.0.6\n');
      assert.match(
        await runGit(['show', 'main:CHANGELOG.md'], { cwd: backend }),
        new RegExp(`v0\\.0\\.5.*\\n\\n.*${production}`),
      );
      await runGit(['fsck', '--strict'], { cwd: backend });
      const release = await client.get<Schemas['release']>('/repos/acme/backend/releases/latest');
      assert.deepEqual([release.tag_name, release.name], [production, 'v0.0.5']);
    }));

  it('advances step by step', () =>
    withForge(
      async (client, world) => {
        const id = await client.dispatch('backend', promote, { staging_tag: candidate(world) });
        assert.equal((await client.run('backend', id)).status, 'queued');
        const { id: jobId } = await client.job('backend', id);
        const early = await client.ask('GET', `/repos/acme/backend/actions/jobs/${jobId}/logs`);
        assert.equal(early.status, 404);
        const seen = new Set<string>();
        await until(
          async () => {
            const job = await client.job('backend', id);
            seen.add(`job ${job.status}`);
            const current = job.steps?.find(({ status }) => status === 'in_progress');
            seen.add(current?.name ?? 'none');
            return job.status === 'completed';
          },
          { timeoutMs: 10_000, what: 'the job to end' },
        );
        for (const each of ['job queued', 'job in_progress', 'job completed', 'Copy the image', 'Record the release']) {
          assert.ok(seen.has(each), `${each} in ${[...seen].join(', ')}`);
        }
      },
      { stepMs: 150 },
    ));

  it('a dispatch without details answers 204, and its run is found by its marks', () =>
    withForge(async (client, world) => {
      const path = `/repos/acme/backend/actions/workflows/${promote}/dispatches`;
      const dispatched = await client.ask('POST', path, { ref: 'main', inputs: { staging_tag: candidate(world) } });
      assert.deepEqual([dispatched.status, dispatched.body], [204, '']);
      const day = new Date().toISOString().slice(0, 10);
      const count = async (query: string) =>
        (await client.get<{ total_count: number }>(`/repos/acme/backend/actions/runs?${query}`)).total_count;
      assert.equal(await count('event=workflow_dispatch&branch=main&actor=lab-user'), 1);
      assert.equal(await count(`created=${encodeURIComponent('>=2026-01-01')}`), 1);
      assert.equal(await count(`created=2020-01-01..${day}T23:59:59Z`), 1);
      for (const query of ['event=push', 'branch=other', 'actor=ada', 'created=%3C2026-01-01', 'status=failure']) {
        assert.equal(await count(query), 0, query);
      }
      assert.equal(
        (await client.get<{ total_count: number }>(`/repos/acme/backend/actions/workflows/${promote}/runs`))
          .total_count,
        1,
      );
      await until(async () => (await count('status=success')) === 1, { timeoutMs: 10_000, what: 'the run to succeed' });
    }));

  const failures = [
    {
      what: "another environment's tag",
      tag: (world: LabWorld) => world.summary.tags.backend.develop.at(-1) ?? '',
      says: /is no build for staging/,
    },
    { what: 'a tag that is not there', tag: () => 'staging-v9.9.9-0000000-1', says: /404 Not Found/ },
    { what: 'shell in the tag', tag: () => '$(id); staging-v1', says: /is no build for staging/ },
  ];
  for (const { what, tag, says } of failures) {
    it(`fails at the named step for ${what}, and changes nothing`, () =>
      onSharedWorld(async (client, world) => {
        const before = await readDigest(world.registryUrl, 'acme/backend', 'production');
        const id = await client.dispatch('backend', promote, { staging_tag: tag(world) });
        assert.equal((await client.completed('backend', id)).conclusion, 'failure');
        const job = await client.job('backend', id);
        assert.deepEqual(outlineSteps(job).slice(2), [
          'Check the staging tag: failure',
          'Copy the image: skipped',
          'Record the release: skipped',
          'Publish the release: skipped',
          'Complete job: success',
        ]);
        const log = await client.log('backend', job);
        assert.match(log, says);
        assert.match(log, /##\[error\]Process completed with exit code 1\./);
        assert.equal(await readDigest(world.registryUrl, 'acme/backend', 'production'), before);
      }));
  }

  it('two promotions of one service wait for each other, and a second of the same build changes nothing', () =>
    withForge(async (client, world) => {
      const inputs = { staging_tag: candidate(world) };
      const first = await client.dispatch('backend', promote, inputs);
      const second = await client.dispatch('backend', promote, inputs);
      await client.completed('backend', second);
      const [one, other] = [await client.job('backend', first), await client.job('backend', second)];
      assert.deepEqual([one.conclusion, other.conclusion], ['success', 'success']);
      assert.match(await client.log('backend', other), /is recorded already/);
      assert.equal((await client.get<Schemas['release'][]>('/repos/acme/backend/releases')).length, 5);
    }));

  it('rebuilds for production: a production tag whose digest staging never had', () =>
    withForge(async (client, { registryUrl, gitRoot }) => {
      const id = await client.dispatch('frontend', 'rebuild-production.yml', {});
      assert.equal((await client.completed('frontend', id)).conclusion, 'success');
      const tip = (await runGit(['rev-parse', '--short=7', 'main'], { cwd: join(gitRoot, 'frontend.git') })).trim();
      const log = await client.log('frontend', await client.job('frontend', id));
      const tag = new RegExp(`production-v0\\.0\\.4-${tip}-\\d+`).exec(log)?.[0] ?? '';
      const digest = await readDigest(registryUrl, 'acme/frontend', tag);
      assert.ok(digest);
      assert.equal(await readDigest(registryUrl, 'acme/frontend', 'production'), digest);
      assert.notEqual(await readDigest(registryUrl, 'acme/frontend', 'staging'), digest);
    }));

  it('does what the workflow of the chosen ref says, unknown programs included', () =>
    withForge(async (client, { folder, git }) => {
      const work = join(folder, 'work');
      await runGit(['clone', '-q', git.url('backend'), work]);
      const file = '.github/workflows/promote-production.yml';
      const text = await runGit(['show', `HEAD:${file}`], { cwd: work });
      const changed = text.replace('lab check-tag "$STAGING_TAG" staging', 'cosign verify "$IMAGE"');
      const blob = (await runGit(['hash-object', '-w', '--stdin'], { cwd: work, input: changed })).trim();
      await runGit(['update-index', '--cacheinfo', `100644,${blob},${file}`], { cwd: work });
      const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.invalid'];
      await runGit([...identity, 'commit', '-qm', 'Verify signatures'], { cwd: work });
      await runGit(['push', '-q', 'origin', 'main'], { cwd: work });
      const id = await client.dispatch('backend', promote, { staging_tag: 'staging-v0.0.1-0000000-1' });
      assert.equal((await client.completed('backend', id)).conclusion, 'failure');
      assert.match(
        await client.log('backend', await client.job('backend', id)),
        /cosign: command not found[^]*exit code 127/,
      );
    }));

  it('cancels a run between two steps', () =>
    withForge(
      async (client, world) => {
        const id = await client.dispatch('backend', promote, { staging_tag: candidate(world) });
        const cancel = `/repos/acme/backend/actions/runs/${id}/cancel`;
        assert.equal((await client.ask('POST', cancel)).status, 202);
        assert.equal((await client.completed('backend', id)).conclusion, 'cancelled');
        assert.equal((await client.ask('POST', cancel)).status, 409);
      },
      { stepMs: 100 },
    ));

  it('remembers its runs after a restart, and tells of one that was cut off', () =>
    withLabWorld(async (world) => {
      const first = await startLabForge(world);
      const done = await new ForgeClient(first).dispatch('backend', promote, { staging_tag: candidate(world) });
      await new ForgeClient(first).completed('backend', done);
      await first.stop();
      const second = await startLabForge(world, { port: first.port, stepMs: 60_000 });
      const cut = await new ForgeClient(second).dispatch('backend', promote, { staging_tag: candidate(world) });
      await second.stop();
      const third = await startLabForge(world, { port: first.port });
      const client = new ForgeClient(third);
      try {
        assert.equal((await client.run('backend', done)).conclusion, 'success');
        const run = await client.run('backend', cut);
        assert.deepEqual([run.status, run.conclusion, run.run_number], ['completed', 'failure', 2]);
        assert.match(await client.log('backend', await client.job('backend', cut)), /The practice lab was closed/);
      } finally {
        await third.stop();
      }
    }));
});
