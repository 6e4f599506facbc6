import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import { type RegistryClient, registryClient } from '../../src/base/registry/client';
import { pushImage } from '../../src/lab/registry/pushImage';
import { ProblemError } from '../../src/model/problem';
import { removeFolder, temporaryFolder } from './gitFixture';
import { type OpenedRegistry, openRegistry } from './registry/openRegistry';
import { type Answer, html, json, type ScriptedServer, scriptedServer } from './scriptedServer';

const signal = new AbortController().signal;
const login = { username: 'bob', password: 'S3cr3tPassw0rd' };

function clientFor(credentials?: typeof login): RegistryClient {
  return registryClient({
    fetch,
    clock: systemClock,
    credentials: async () => credentials,
    isPlainHttp: (host) => host.startsWith('127.0.0.1:'),
  });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    assert.doesNotMatch(JSON.stringify(error.problem), /S3cr3t/);
    return error.problem.code;
  }
  return 'no problem';
}

describe('registry client over real sockets', function () {
  // Real programs and sockets, on a machine that may be busy.
  this.timeout(30_000);
  let server: ScriptedServer | undefined;
  let registry: OpenedRegistry | undefined;
  let folder: string | undefined;
  afterEach(async () => {
    await server?.close();
    await registry?.stop();
    if (folder !== undefined) removeFolder(folder);
    server = undefined;
    registry = undefined;
    folder = undefined;
  });

  it('reads tags over pages, digests, manifests and labels of a registry', async () => {
    folder = temporaryFolder();
    registry = await openRegistry(folder);
    const labels = { 'org.opencontainers.image.source': 'https://github.com/acme/backend' };
    const base = { registryUrl: registry.url, name: 'acme/backend', labels, created: 0 };
    const first = await pushImage({ ...base, tag: 'v1', salt: '1' });
    for (let build = 2; build <= 5; build += 1) await pushImage({ ...base, tag: `v${build}`, salt: String(build) });
    const client = clientFor();
    const image = `${registry.host}/acme/backend`;
    assert.deepEqual([...(await client.tags(image, signal))].sort(), ['v1', 'v2', 'v3', 'v4', 'v5']);
    assert.equal(await client.digest(image, 'v1', signal), first);
    assert.equal((await client.manifest(image, first, signal)).digest, first);
    assert.equal(
      (await client.labels(image, 'v1', signal))['org.opencontainers.image.source'],
      labels['org.opencontainers.image.source'],
    );
    assert.equal(await codeOf(client.digest(image, 'v9', signal)), 'registry-not-found');
    assert.equal(await codeOf(client.tags(`${registry.host}/acme/none`, signal)), 'registry-not-found');
  });

  const start = async (answer: Answer): Promise<string> => {
    server = await scriptedServer(answer);
    return `127.0.0.1:${server.port}/acme/backend`;
  };

  it('follows pages', async () => {
    const image = await start((request, response) => {
      const last = new URL(request.url ?? '', 'http://x').searchParams.get('last');
      const next = { null: 'a', a: 'b' }[String(last)];
      const headers = next === undefined ? {} : { link: `</v2/acme/backend/tags/list?n=1&last=${next}>; rel="next"` };
      json(response, { name: 'x', tags: [`after-${String(last)}`] }, 200, { ...headers });
    });
    assert.deepEqual(await clientFor().tags(image, signal), ['after-null', 'after-a', 'after-b']);
  });

  it('logs in by token, once, with the scope that was asked for', async () => {
    const seen: string[] = [];
    const image = await start((request, response) => {
      const { authorization = 'none' } = request.headers;
      const url = new URL(request.url ?? '', 'http://x');
      if (url.pathname === '/token') {
        seen.push(`${authorization === 'none' ? 'none' : 'basic'} ${url.searchParams.get('scope') ?? ''}`);
        return json(response, { token: 'granted', expires_in: 300 });
      }
      if (authorization === 'Bearer granted') return json(response, { tags: null });
      const realm = `http://${request.headers.host ?? ''}/token`;
      const challenge = `Bearer realm="${realm}",service="s",scope="repository:acme/backend:pull"`;
      return json(response, {}, 401, { 'www-authenticate': challenge });
    });
    const client = clientFor(login);
    assert.deepEqual(await client.tags(image, signal), []);
    assert.deepEqual(await client.tags(image, signal), []);
    assert.deepEqual(seen, ['basic repository:acme/backend:pull']);
    assert.equal(server?.requests.length, 4);
  });

  it('logs in by name and password where the registry asks for that', async () => {
    const image = await start((request, response) => {
      if (request.headers.authorization?.startsWith('Basic ') === true) return json(response, { tags: ['a'] });
      return json(response, {}, 401, { 'www-authenticate': 'Basic realm="r"' });
    });
    assert.deepEqual(await clientFor(login).tags(image, signal), ['a']);
    assert.equal(await codeOf(clientFor().tags(image, signal)), 'registry-unauthorized');
  });

  const faults: readonly (readonly [string, string, Answer])[] = [
    ['403', 'registry-unauthorized', (_request, response) => json(response, {}, 403)],
    ['404', 'registry-not-found', (_request, response) => json(response, {}, 404)],
    ['500', 'registry-failed', (_request, response) => json(response, {}, 500)],
    ['HTML', 'registry-garbage', (_request, response) => html(response)],
    ['truncated JSON', 'registry-garbage', (_request, response) => response.end('{"tags":["a"')],
    ['another JSON', 'registry-garbage', (_request, response) => json(response, { hello: 1 })],
    ['a reset', 'registry-unreachable', (request) => request.socket.resetAndDestroy()],
    [
      'an answer cut off',
      'registry-unreachable',
      (request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"tags":', () => request.socket.destroy());
      },
    ],
    ['a giant', 'too-large', (_request, response) => response.end('x'.repeat(17_000_000))],
  ];
  for (const [name, code, answer] of faults) {
    it(`says ${code} for ${name}`, async () => {
      assert.equal(await codeOf(clientFor(login).tags(await start(answer), signal)), code);
    });
  }

  it('leaves a registry alone for as long as it asks', async () => {
    const image = await start((_request, response) => json(response, {}, 429, { 'retry-after': '60' }));
    const client = clientFor();
    assert.equal(await codeOf(client.tags(image, signal)), 'registry-rate-limited');
    assert.equal(await codeOf(client.digest(image, 'x', signal)), 'registry-rate-limited');
    assert.equal(server?.requests.length, 1);
  });

  it('does not believe a manifest that does not match its digest', async () => {
    const image = await start((_request, response) => json(response, { schemaVersion: 2 }));
    assert.equal(await codeOf(clientFor().manifest(image, `sha256:${'0'.repeat(64)}`, signal)), 'registry-garbage');
  });

  it('passes cancellation through untouched', async () => {
    const image = await start(() => undefined);
    const user = new AbortController();
    const reading = clientFor().tags(image, user.signal);
    user.abort(new Error('cancelled by the user'));
    await assert.rejects(reading, /cancelled by the user/);
  });
});
