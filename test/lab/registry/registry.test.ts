import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, it } from 'mocha';
import { formatDigest } from '../../../src/lab/registry/digest';
import { manifestTypes, ociManifest } from '../../../src/lab/registry/manifest';
import { pushImage, readDigest, retag } from '../../../src/lab/registry/pushImage';
import { type RegistryOptions, startRegistry } from '../../../src/lab/registry/registry';
import { withTemporaryFolder } from '../temporaryFolder';

const accept = { accept: manifestTypes.join(', ') };

function withRegistry(
  body: (url: string, folder: string) => Promise<void>,
  options: Pick<RegistryOptions, 'fault'> = {},
): Promise<void> {
  return withTemporaryFolder(async (folder) => {
    const registry = await startRegistry({ folder, port: 0, ...options });
    try {
      await body(`http://${registry.host}`, folder);
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

describe('lab registry', function () {
  // Real sockets and real programs, on a machine that may be busy.
  this.timeout(60_000);

  it('takes an image and gives back its bytes, by tag and by digest', () =>
    withRegistry(async (url) => {
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

  it('serves the configuration with its labels', () =>
    withRegistry(async (url) => {
      await push(url, 'v1');
      const manifest = await (await fetch(`${url}/v2/acme/backend/manifests/v1`, { headers: accept })).text();
      const digest = /"config":\{[^}]*"digest":"([^"]+)"/.exec(manifest)?.[1];
      const config = await (await fetch(`${url}/v2/acme/backend/blobs/${digest}`)).text();
      assert.match(config, /"Labels":\{"a":"b","org\.opencontainers\.image\.created":"2026-02-06T15:48:44\.000Z"\}/);
    }));

  it('the same build has the same digest, another salt another one, and a retag keeps it', () =>
    withRegistry(async (url) => {
      const first = await push(url, 'v1', 'same');
      assert.equal(await push(url, 'v2', 'same'), first);
      assert.notEqual(await push(url, 'v3', 'other'), first);
      assert.equal(await retag({ registryUrl: url, name: 'acme/backend', from: 'v1', to: 'production' }), first);
      assert.equal(await readDigest(url, 'acme/backend', 'production'), first);
    }));

  it('lists tags in order, page by page', () =>
    withRegistry(async (url) => {
      for (const tag of ['c', 'a', 'e', 'b', 'd']) {
        await push(url, tag, 'same');
      }
      const pages: string[] = [];
      let next: string | undefined = '/v2/acme/backend/tags/list?n=2';
      while (next !== undefined) {
        const answer: Response = await fetch(`${url}${next}`);
        pages.push(await answer.text());
        next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
      }
      assert.deepEqual(pages, [
        '{"name":"acme/backend","tags":["a","b"]}',
        '{"name":"acme/backend","tags":["c","d"]}',
        '{"name":"acme/backend","tags":["e"]}',
      ]);
    }));

  it('survives a restart', () =>
    withTemporaryFolder(async (folder) => {
      const first = await startRegistry({ folder, port: 0 });
      const digest = await push(`http://${first.host}`, 'v1');
      await first.stop();
      const second = await startRegistry({ folder, port: first.port });
      assert.equal(await readDigest(`http://${second.host}`, 'acme/backend', 'v1'), digest);
      await second.stop();
    }));

  it('takes many pushes at once and leaves no drafts', () =>
    withRegistry(async (url, folder) => {
      await Promise.all(Array.from({ length: 20 }, (_, index) => push(url, `v${index}`)));
      const answer = await (await fetch(`${url}/v2/acme/backend/tags/list`)).text();
      assert.equal(answer.match(/"v\d+"/g)?.length, 20);
      const files = await readdir(folder, { recursive: true });
      assert.deepEqual(
        files.filter((file) => file.endsWith('.draft')),
        [],
      );
    }));

  it('takes a blob in chunks and by mount', () =>
    withRegistry(async (url) => {
      const opened = await fetch(`${url}/v2/acme/backend/blobs/uploads/`, { method: 'POST' });
      const location = `${url}${opened.headers.get('location')}`;
      const patch = (chunk: string, range: string) =>
        fetch(location, { method: 'PATCH', body: chunk, headers: { 'content-range': range } });
      assert.equal((await patch('hello ', '0-5')).status, 202);
      assert.equal(await errorCode(await patch('late', '9-12')), 'BLOB_UPLOAD_INVALID');
      assert.equal((await fetch(location)).headers.get('range'), '0-5');
      const digest = formatDigest('hello world');
      assert.equal((await fetch(`${location}?digest=${digest}`, { method: 'PUT', body: 'world' })).status, 201);
      const mounted = await fetch(`${url}/v2/acme/other/blobs/uploads/?mount=${digest}&from=acme/backend`, {
        method: 'POST',
      });
      assert.equal(mounted.status, 201);
      assert.equal(await (await fetch(`${url}/v2/acme/other/blobs/${digest}`)).text(), 'hello world');
      assert.equal((await fetch(`${url}/v2/acme/third/blobs/${digest}`)).status, 404);
    }));

  it('takes an index over manifests that are there, and refuses one over others', () =>
    withRegistry(async (url) => {
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
      assert.equal(await errorCode(narrow), 'MANIFEST_UNKNOWN');
    }));

  it('a deleted tag leaves its digest, a deleted digest takes its tags along', () =>
    withRegistry(async (url) => {
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
    { path: '/v2/Acme/tags/list', code: 'NAME_INVALID' },
    { path: '/v2/acme/backend/manifests/.bad', code: 'TAG_INVALID' },
    { path: '/v2/acme/backend/manifests/none', code: 'MANIFEST_UNKNOWN' },
    { path: '/v2/acme/backend/manifests/constructor', code: 'MANIFEST_UNKNOWN' },
    { path: '/v2/acme/backend/blobs/sha256:00', code: 'BLOB_UNKNOWN' },
    { path: '/v2/acme/backend/blobs/uploads/none', code: 'BLOB_UPLOAD_UNKNOWN' },
    { path: '/v2/acme/backend/tags/list?n=many', code: 'PAGINATION_NUMBER_INVALID' },
    { path: '/v2/acme/backend/referrers/sha256:00', code: 'UNSUPPORTED' },
  ];
  it('refuses with the codes of the specification', () =>
    withRegistry(async (url) => {
      await push(url, 'v1');
      for (const { path, code } of refusals) {
        assert.equal(await errorCode(await fetch(`${url}${path}`)), code, path);
      }
      const put = (body: string, contentType: string) =>
        fetch(`${url}/v2/acme/backend/manifests/v9`, { method: 'PUT', body, headers: { 'content-type': contentType } });
      assert.equal(await errorCode(await put('{}', 'text/html')), 'MANIFEST_INVALID');
      assert.equal(await errorCode(await put('<html>', ociManifest)), 'MANIFEST_INVALID');
      const wrong = await fetch(`${url}/v2/acme/backend/blobs/uploads/?digest=${formatDigest('a')}`, {
        method: 'POST',
        body: 'b',
      });
      assert.equal(await errorCode(wrong), 'DIGEST_INVALID');
    }));

  it('says what a test wants it to say, and sees the credentials', () => {
    const seen: (string | undefined)[] = [];
    return withRegistry(
      async (url) => {
        const answer = await fetch(`${url}/v2/acme/backend/tags/list`, { headers: { authorization: 'Bearer x' } });
        assert.equal(answer.status, 429);
        assert.equal(answer.headers.get('retry-after'), '7');
        assert.deepEqual(seen, ['Bearer x']);
        assert.equal((await fetch(`${url}/v2/`)).status, 200);
      },
      {
        fault: ({ path, authorization }) => {
          if (path === '/v2/') {
            return undefined;
          }
          seen.push(authorization);
          return { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' };
        },
      },
    );
  });
});
