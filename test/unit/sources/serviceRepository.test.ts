import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { settingOf } from '../../../src/model/settings';
import { apiOf, parseRepositoryUrl, repositoryOfImage } from '../../../src/sources/serviceRepository';

describe('service repositories', () => {
  const urls: readonly (readonly [string, string | undefined])[] = [
    ['https://github.com/acme/backend', 'github.com acme backend'],
    ['https://github.com/acme/backend.git', 'github.com acme backend'],
    ['https://user:pass@GitHub.com/acme/backend/tree/main', 'github.com acme backend'],
    ['git@github.com:acme/backend.git', 'github.com acme backend'],
    ['http://127.0.0.1:3000/acme/backend', '127.0.0.1:3000 acme backend'],
    ['github.com/acme/backend', 'github.com acme backend'],
    ['git@github.com:2600/backend.git', 'github.com 2600 backend'],
    ['https://github.com/acme', undefined],
    ['http://127.0.0.1:3000/flux.git', undefined],
    ['', undefined],
  ];
  for (const [url, expected] of urls) {
    it(url, () => {
      const found = parseRepositoryUrl(url);
      assert.equal(found && `${found.host} ${found.owner} ${found.repository}`, expected);
    });
  }

  it("reads GitHub's own images", () => {
    assert.deepEqual(repositoryOfImage('ghcr.io/acme/backend/api'), {
      host: 'github.com',
      owner: 'acme',
      repository: 'backend',
    });
    assert.equal(repositoryOfImage('docker.io/acme/backend'), undefined);
  });

  it('finds the setting by name, then by last segment', () => {
    const short = { image: 'backend', inputs: {} };
    const full = { image: 'ghcr.io/acme/backend', inputs: {} };
    assert.equal(settingOf('ghcr.io/acme/backend', [short, full]), full);
    assert.equal(settingOf('ghcr.io/other/backend', [full, short]), short);
    assert.equal(settingOf('ghcr.io/acme/frontend', [full, short]), undefined);
  });

  it('finds the API of a forge', () => {
    const forges = [{ api: 'https://git.acme.test/api/v3/', kind: 'github' as const }];
    assert.equal(apiOf('github.com', [])?.api, 'https://api.github.com');
    assert.equal(apiOf('git.acme.test', forges)?.api, 'https://git.acme.test/api/v3');
    assert.equal(apiOf('127.0.0.1:1', [{ api: 'http://127.0.0.1:2', kind: 'github' }])?.api, 'http://127.0.0.1:2');
    assert.equal(apiOf('gitlab.com', forges)?.kind, 'gitlab');
  });
});
