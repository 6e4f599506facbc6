import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { formatDigest } from '../../../src/lab/registry/digest';
import { manifestTypes, ociManifest } from '../../../src/lab/registry/manifest';
import { pushImage, readDigest, retag } from '../../../src/lab/registry/pushImage';
import { withTemporaryFolder } from '../temporaryFolder';
import { type OpenedRegistry, openRegistry } from './openRegistry';

const accept = { accept: manifestTypes.join(', ') };

function withRegistry(body: (registry: OpenedRegistry) => Promise<void>): Promise<void> {
  return withTemporaryFolder(async (folder) => {
    const registry = await openRegistry(folder);
    try {
      await body(registry);
    } finally {
      await registry.stop();
    }
  });
}

function push(registryUrl: string, tag: string, salt = tag): Promise<string> {
  return pushImage({ registryUrl, name: 'acme/backend', tag, salt, labels: { a: 'b' }, created: 1_770_392_924_000 });
}

async function errorCode(answer: Response): Promise<unknown> {
  const body: unknown = await answer.json();
  assert.ok(typeof body === 'object' && body !== null && 'errors' in body && Array.isArray(body.errors));
  const first: unknown = body.errors[0];
  return typeof first === 'object' && first !== null && 'code' in first ? first.code : undefined;
}

describe('a registry', function () {
  // Real sockets and real programs, on a machine that may be busy.
  this.timeout(60_000);

  it('takes an image and gives back its bytes, by tag and by digest', () =>
    withRegistry(async ({ url }) => {
      const digest = await push(url, 'v1');
      for (const reference of ['v1', digest]) {
        const answer = await fetch(`${url}/v2/acme/backend/manifests/${reference}`, { headers: accept });
        const content = Buffer.from(await answer.arrayBuffer());
        assert.equal(formatDigest(content), digest);
        assert.equal(answer.headers.get('docker-content-digest'), digest);
        assert.equal(answer.headers.get('content-type'), ociManifest);
      }
      assert.equal(await readDigest(url, 'acme/backend', 'v1'), digest);
      assert.equal(await readDigest(url, 'acme/backend', 'v2'), undefined);
    }));

  it('gives a manifest only to who names its type', () =>
    withRegistry(async ({ url }) => {
      await push(url, 'v1');
      for (const type of ['*/*', 'application/*', 'application/vnd.oci.image.index.v1+json']) {
        const answer = await fetch(`${url}/v2/acme/backend/manifests/v1`, { headers: { accept: type } });
        assert.equal(await errorCode(answer), 'MANIFEST_UNKNOWN', type);
      }
    }));

  it('serves the configuration with its labels', () =>
    withRegistry(async ({ url }) => {
      await push(url, 'v1');
      const manifest = await (await fetch(`${url}/v2/acme/backend/manifests/v1`, { headers: accept })).text();
      const digest = /"config":\{[^}]*"digest":"([^"]+)"/.exec(manifest)?.[1];
      const config = await (await fetch(`${url}/v2/acme/backend/blobs/${digest}`)).text();
      assert.match(config, /"Labels":\{"a":"b","org\.opencontainers\.image\.created":"2026-02-06T15:48:44\.000Z"\}/);
    }));

  it('the same build has the same digest, another salt another one, and a retag keeps it', () =>
    withRegistry(async ({ url }) => {
      const first = await push(url, 'v1', 'same');
      assert.equal(await push(url, 'v2', 'same'), first);
      assert.notEqual(await push(url, 'v3', 'other'), first);
      assert.equal(await retag({ registryUrl: url, name: 'acme/backend', from: 'v1', to: 'production' }), first);
      assert.equal(await readDigest(url, 'acme/backend', 'production'), first);
    }));

  it('lists tags in order, page by page', () =>
    withRegistry(async ({ url }) => {
      for (const tag of ['c', 'a', 'e', 'b', 'd']) {
        await push(url, tag, 'same');
      }
      const pages: unknown[] = [];
      let next: string | undefined = '/v2/acme/backend/tags/list?n=2';
      while (next !== undefined) {
        const answer: Response = await fetch(`${url}${next}`);
        pages.push(await answer.json());
        next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
      }
      assert.deepEqual(pages, [
        { name: 'acme/backend', tags: ['a', 'b'] },
        { name: 'acme/backend', tags: ['c', 'd'] },
        { name: 'acme/backend', tags: ['e'] },
      ]);
    }));

  it('survives a restart', () =>
    withRegistry(async ({ url, restart }) => {
      const digest = await push(url, 'v1');
      await restart();
      assert.equal(await readDigest(url, 'acme/backend', 'v1'), digest);
    }));

  it('takes many pushes at once', () =>
    withRegistry(async ({ url }) => {
      await Promise.all(Array.from({ length: 20 }, (_, index) => push(url, `v${index}`)));
      const answer = await (await fetch(`${url}/v2/acme/backend/tags/list`)).text();
      assert.equal(answer.match(/"v\d+"/g)?.length, 20);
    }));

  it('takes a blob in chunks and by mount', () =>
    withRegistry(async ({ url }) => {
      const opened = await fetch(`${url}/v2/acme/backend/blobs/uploads/`, { method: 'POST' });
      const locationOf = (answer: Response): URL => new URL(answer.headers.get('location') ?? '', url);
      const type = { 'content-type': 'application/octet-stream' };
      const patch = (at: URL, chunk: string, range: string) =>
        fetch(at, { method: 'PATCH', body: chunk, headers: { ...type, 'content-range': range } });
      const begun = await patch(locationOf(opened), 'hello ', '0-5');
      assert.equal(begun.status, 202);
      const next = locationOf(begun);
      assert.equal((await patch(next, 'late', '9-12')).status, 416);
      assert.equal((await fetch(next)).headers.get('range'), '0-5');
      const digest = formatDigest('hello world');
      next.searchParams.set('digest', digest);
      assert.equal((await fetch(next, { method: 'PUT', body: 'world', headers: type })).status, 201);
      const mounted = await fetch(`${url}/v2/acme/other/blobs/uploads/?mount=${digest}&from=acme/backend`, {
        method: 'POST',
      });
      assert.equal(mounted.status, 201);
      assert.equal(await (await fetch(`${url}/v2/acme/other/blobs/${digest}`)).text(), 'hello world');
      assert.equal((await fetch(`${url}/v2/acme/third/blobs/${digest}`)).status, 404);
    }));

  it('takes an index over manifests that are there, and refuses one over others', () =>
    withRegistry(async ({ url }) => {
      const digest = await push(url, 'v1');
      const mediaType = 'application/vnd.oci.image.index.v1+json';
      const put = (child: string) =>
        fetch(`${url}/v2/acme/backend/manifests/multi`, {
          method: 'PUT',
          headers: { 'content-type': mediaType },
          body: JSON.stringify({ schemaVersion: 2, mediaType, manifests: [{ mediaType: ociManifest, digest: child }] }),
        });
      assert.equal(await errorCode(await put(formatDigest('nothing'))), 'MANIFEST_BLOB_UNKNOWN');
      assert.equal((await put(digest)).status, 201);
      const answer = await fetch(`${url}/v2/acme/backend/manifests/multi`, { headers: accept });
      assert.equal(answer.headers.get('content-type'), mediaType);
      const narrow = await fetch(`${url}/v2/acme/backend/manifests/multi`, { headers: { accept: ociManifest } });
      assert.equal(narrow.headers.get('content-type'), mediaType);
    }));

  it('a deleted tag leaves its digest, a deleted digest takes its tags along', () =>
    withRegistry(async ({ url }) => {
      const digest = await push(url, 'v1', 'same');
      await push(url, 'v2', 'same');
      const remove = (reference: string) =>
        fetch(`${url}/v2/acme/backend/manifests/${reference}`, { method: 'DELETE' });
      assert.equal((await remove('v1')).status, 202);
      assert.equal(await readDigest(url, 'acme/backend', digest), digest);
      assert.equal((await remove(digest)).status, 202);
      assert.equal(await readDigest(url, 'acme/backend', 'v2'), undefined);
      assert.equal(await errorCode(await remove('v2')), 'MANIFEST_UNKNOWN');
    }));

  const refusals = [
    { path: '/v2/nobody/tags/list', code: 'NAME_UNKNOWN' },
    { path: '/v2/acme/backend/manifests/none', code: 'MANIFEST_UNKNOWN' },
    { path: '/v2/acme/backend/manifests/constructor', code: 'MANIFEST_UNKNOWN' },
    { path: `/v2/acme/backend/blobs/${formatDigest('nothing')}`, code: 'BLOB_UNKNOWN' },
    { path: '/v2/acme/backend/blobs/uploads/none', code: 'BLOB_UPLOAD_UNKNOWN' },
    { path: '/v2/acme/backend/tags/list?n=many', code: 'PAGINATION_NUMBER_INVALID' },
  ];
  it('refuses with the codes of the specification', () =>
    withRegistry(async ({ url }) => {
      await push(url, 'v1');
      for (const { path, code } of refusals) {
        assert.equal(await errorCode(await fetch(`${url}${path}`)), code, path);
      }
      const put = (body: string, contentType: string) =>
        fetch(`${url}/v2/acme/backend/manifests/v9`, { method: 'PUT', body, headers: { 'content-type': contentType } });
      assert.equal(await errorCode(await put('{}', 'text/html')), 'MANIFEST_INVALID');
      assert.equal(await errorCode(await put('<html>', ociManifest)), 'MANIFEST_INVALID');
    }));
});
