import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { nameServices } from '../../../src/fleet/services';
import { canonicalImage } from '../../../src/model/image';

describe('canonicalImage', () => {
  const cases: Readonly<Record<string, string>> = {
    nginx: 'docker.io/library/nginx',
    'acme/web': 'docker.io/acme/web',
    'index.docker.io/acme/web': 'docker.io/acme/web',
    'ghcr.io/acme/web': 'ghcr.io/acme/web',
    'localhost/web': 'localhost/web',
    '127.0.0.1:5000/web': '127.0.0.1:5000/web',
  };
  for (const [name, expected] of Object.entries(cases)) {
    it(name, () => assert.equal(canonicalImage(name), expected));
  }
});

describe('nameServices', () => {
  it('takes the last segment, and the one before where two would read the same', () => {
    const names = nameServices(['ghcr.io/acme/web', 'ghcr.io/other/web', 'ghcr.io/acme/api']);
    assert.deepEqual(Object.fromEntries(names), {
      'ghcr.io/acme/api': 'api',
      'ghcr.io/acme/web': 'acme/web',
      'ghcr.io/other/web': 'other/web',
    });
  });

  it('names every image, and no two alike', () => {
    const segment = fc.constantFrom('a', 'b', 'web', 'api');
    const image = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `r.io/${parts.join('/')}`);
    fc.assert(
      fc.property(fc.array(image), (images) => {
        const names = nameServices(images);
        assert.equal(names.size, new Set(images).size);
        assert.equal(new Set(names.values()).size, names.size);
      }),
    );
  });
});
