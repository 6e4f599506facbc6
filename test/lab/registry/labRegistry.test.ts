// What only the lab's registry has: the whole of the specification, a look into its folder, and trouble on demand.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, it } from 'mocha';
import { formatDigest } from '../../../src/lab/registry/digest';
import { pushImage } from '../../../src/lab/registry/pushImage';
import { startRegistry } from '../../../src/lab/registry/registry';
import { withTemporaryFolder } from '../temporaryFolder';

const image = { name: 'acme/backend', labels: {}, created: 0 };

describe('lab registry', () => {
  it('leaves no drafts of many pushes at once', () =>
    withTemporaryFolder(async (folder) => {
      const registry = await startRegistry({ folder, port: 0 });
      const target = { ...image, registryUrl: `http://${registry.host}` };
      const tags = Array.from({ length: 20 }, (_, index) => `v${index}`);
      await Promise.all(tags.map((tag) => pushImage({ ...target, tag, salt: tag })));
      await registry.stop();
      const files = await readdir(folder, { recursive: true });
      assert.deepEqual(
        files.filter((file) => file.endsWith('.draft')),
        [],
      );
    }));

  const refusals = [
    { path: '/v2/Acme/tags/list', code: 'NAME_INVALID' },
    { path: '/v2/acme/backend/manifests/.bad', code: 'TAG_INVALID' },
    { path: '/v2/acme/backend/blobs/sha256:00', code: 'BLOB_UNKNOWN' },
    { path: '/v2/acme/backend/referrers/sha256:00', code: 'UNSUPPORTED' },
    { path: `/v2/acme/backend/blobs/uploads/?digest=${formatDigest('a')}`, code: 'DIGEST_INVALID', body: 'b' },
  ];
  it('refuses by the specification where distribution has no answer of its own', () =>
    withTemporaryFolder(async (folder) => {
      const registry = await startRegistry({ folder, port: 0 });
      for (const { path, code, body } of refusals) {
        const call = body === undefined ? {} : { method: 'POST', body };
        const answer = await fetch(`http://${registry.host}${path}`, call);
        assert.match(await answer.text(), new RegExp(`^{"errors":\\[{"code":"${code}"`), path);
      }
      await registry.stop();
    }));

  it('says what a test wants it to say, and sees the credentials', () =>
    withTemporaryFolder(async (folder) => {
      const seen: (string | undefined)[] = [];
      const registry = await startRegistry({
        folder,
        port: 0,
        fault: ({ path, authorization }) => {
          if (path === '/v2/') return undefined;
          seen.push(authorization);
          return { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' };
        },
      });
      const url = `http://${registry.host}`;
      const answer = await fetch(`${url}/v2/acme/backend/tags/list`, { headers: { authorization: 'Bearer x' } });
      assert.equal(answer.status, 429);
      assert.equal(answer.headers.get('retry-after'), '7');
      assert.deepEqual(seen, ['Bearer x']);
      assert.equal((await fetch(`${url}/v2/`)).status, 200);
      await registry.stop();
    }));
});
