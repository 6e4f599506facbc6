import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import { readForgeOnce } from '../../src/sources/forgeOnce';

describe('the forge that is asked once', () => {
  const api = 'https://git.example.test/api/v1';

  async function askedFor(source: string): Promise<{ readonly hosts: readonly string[]; readonly code: string }> {
    const hosts: string[] = [];
    const read = await readForgeOnce(
      {
        fetch: (url) => {
          hosts.push(new URL(url).host);
          return Promise.reject(new TypeError('There is no network here'));
        },
        registry: { labels: () => Promise.resolve({ 'org.opencontainers.image.source': source }) },
        clock: systemClock,
        token: (host) => `token-of-${host}`,
      },
      { image: 'registry.example.test/acme/backend', tag: 'v1' },
      api,
      AbortSignal.timeout(10_000),
    );
    assert.ok(read.state === 'unknown');
    return { hosts: [...new Set(hosts)], code: read.problem.code };
  }

  it('is the one that was named, wherever an image says that it comes from', async () => {
    for (const elsewhere of ['https://gitlab.com/acme/backend', 'https://github.com/acme/backend']) {
      assert.deepEqual(await askedFor(elsewhere), { hosts: [], code: 'forge-unknown' });
    }
    const named = await askedFor('https://git.example.test/acme/backend');
    assert.deepEqual(named, { hosts: ['git.example.test'], code: 'forge-unreachable' });
  });
});
