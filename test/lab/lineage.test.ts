// Lineage by the command line as it is shipped, on what the lab's workflows and other people push to its registry.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Lineage } from '../../src/model/lineage';
import { buildProgram, type Ended, type Program } from './cli/program';
import type { ForgeClient } from './forge/forgeClient';
import { type LabWorld, shareLabWorld, withLabForge } from './labWorld';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

describe('flux-promote lineage', function () {
  // Real sockets and real programs, on a machine that may be busy.
  this.timeout(60_000);
  const world = shareLabWorld();
  let program: Program;
  before(async () => {
    program = await buildProgram();
  });
  after(() => program.remove());

  const onForge = (body: (client: ForgeClient, world: LabWorld) => Promise<void>) =>
    withLabForge(world(), (client) => body(client, world()));
  const image = (): string => `${new URL(world().registryUrl).host}/acme/backend`;
  const lineage = (...given: readonly string[]): Promise<Ended> =>
    program.run(world().folder, ['lineage', image(), ...given]);
  const staging = (): string => world().summary.tags.backend.staging.at(-1) ?? '';
  const tags = async (): Promise<readonly string[]> => {
    const answer = await fetch(`${world().registryUrl}/v2/acme/backend/tags/list`);
    return ((await answer.json()) as { tags: string[] }).tags;
  };
  const put = async (tag: string, type: string, body: string): Promise<void> => {
    const address = `${world().registryUrl}/v2/acme/backend/manifests/${tag}`;
    const { status } = await fetch(address, { method: 'PUT', headers: { 'content-type': type }, body });
    assert.equal(status, 201);
  };
  const manifestOf = async (tag: string): Promise<{ readonly text: string; readonly digest: string }> => {
    const address = `${world().registryUrl}/v2/acme/backend/manifests/${tag}`;
    const answer = await fetch(address, { headers: { accept: `${manifestType}, ${indexType}` } });
    return { text: await answer.text(), digest: answer.headers.get('docker-content-digest') ?? '' };
  };
  const indexOver = (digests: readonly string[]): string => {
    const attestation = { 'vnd.docker.reference.type': 'attestation-manifest' };
    const entry = (digest: string) => ({ mediaType: manifestType, digest, size: 1 });
    const [first] = digests;
    const manifests = [
      ...digests.map((digest) => ({ ...entry(digest), platform: { os: 'linux', architecture: 'amd64' } })),
      { ...entry(first ?? ''), platform: { os: 'unknown', architecture: 'unknown' }, annotations: attestation },
    ];
    return JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests });
  };

  it('same: what the promotion workflow makes of a staging build', () =>
    onForge(async (client) => {
      const id = await client.dispatch('backend', 'promote-production.yml', { staging_tag: staging() });
      assert.equal((await client.completed('backend', id)).conclusion, 'success');
      const production = staging().replace('staging', 'production');
      const { exitCode, output, errors } = await lineage(staging(), production);
      assert.deepEqual([exitCode, errors], [0, '']);
      assert.match(output, new RegExp(`^same: ${production} is the same image as ${staging()}\\.\n`));
      assert.match(output, /\n✓ digest {4}Both are sha256:[0-9a-f]{64}\.\n/);
      assert.match(output, /\n✓ labels {4}org\.opencontainers\.image\.revision: both [0-9a-f]{40}\.\n/);
    }));

  it('different: what Rebuild for Production makes of the very same commit', () =>
    onForge(async (client) => {
      const known = new Set(await tags());
      const id = await client.dispatch('backend', 'rebuild-production.yml', { ref: 'main' });
      assert.equal((await client.completed('backend', id)).conclusion, 'success');
      const rebuilt = (await tags()).find((tag) => !known.has(tag) && tag.startsWith('production-v')) ?? '';
      const { exitCode, output, errors } = await lineage(staging(), rebuilt, '--json');
      assert.deepEqual([exitCode, errors], [1, '']);
      const { verdict, meaning, source, target, evidence } = JSON.parse(output) as Lineage;
      assert.equal(verdict, 'different');
      assert.match(meaning, /^A rebuild is a new artefact/);
      assert.deepEqual([source.tag, target.tag], [staging(), rebuilt]);
      assert.notEqual(source.digest, target.digest);
      assert.deepEqual(new Set(evidence.map(({ witness }) => witness)), new Set(['digest', 'manifests', 'labels']));
    }));

  it('wrapped: an index over the tested manifest, and an index over that one', async () => {
    const { digest } = await manifestOf(staging());
    await put('wrapped', indexType, indexOver([digest]));
    await put('nested', indexType, indexOver([(await manifestOf('wrapped')).digest]));
    for (const [from, to] of [
      [staging(), 'wrapped'],
      ['wrapped', staging()],
      [staging(), 'nested'],
    ] as const) {
      const { exitCode, output } = await lineage(from, to, '--markdown');
      assert.equal(exitCode, 0, output);
      assert.match(output, new RegExp(`\\n\\*\\*wrapped\\*\\*: ${to} holds the same image as ${from} under another`));
    }
  });

  it('wrapped: the same configuration and layers in a manifest that was written anew', async () => {
    const { text } = await manifestOf(staging());
    await put('packed', manifestType, `${text}\n`);
    const { exitCode, output } = await lineage(staging(), 'packed');
    assert.equal(exitCode, 0);
    assert.match(output, /^wrapped: .*\n[\s\S]*the same contents, packed anew\.\n/);
  });

  it('different: an index that adds what was not tested', async () => {
    const [tested, other] = [
      await manifestOf(staging()),
      await manifestOf(world().summary.tags.backend.staging[0] ?? ''),
    ];
    assert.notEqual(tested.digest, other.digest);
    await put('more', indexType, indexOver([tested.digest, other.digest]));
    const { exitCode, output } = await lineage(staging(), 'more');
    assert.equal(exitCode, 1);
    assert.match(output, /\n✓ manifests linux\/amd64 .*\n✗ manifests linux\/amd64 .* is not in staging-v/);
  });

  it('unknown: a tag that is not there, and a registry that is not', async () => {
    const gone = await lineage(staging(), 'gone');
    assert.equal(gone.exitCode, 2);
    assert.match(gone.output, /^unknown: .*\nThe registry 127\.0\.0\.1:\d+ does not have what was asked/);
    const nowhere = await program.run(world().folder, ['lineage', '127.0.0.1:9/acme/backend', 'a', 'b']);
    assert.equal(nowhere.exitCode, 2);
    assert.match(nowhere.output, /^unknown: .*\nThe registry 127\.0\.0\.1:9 cannot be reached/);
  });
});
