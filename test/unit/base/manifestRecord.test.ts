import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isLoopback } from '../../../src/base/registry/address';
import { decodeImageConfiguration, decodeIndex } from '../../../src/base/registry/manifestRecord';

describe('decodeIndex', () => {
  it('lists images with their platforms, without attestations', () => {
    const manifests = [
      { digest: 'sha256:1', platform: { os: 'linux', architecture: 'amd64' } },
      { digest: 'sha256:2', platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      { digest: 'sha256:3' },
      { digest: 'sha256:4', platform: { os: 'unknown', architecture: 'unknown' } },
      { digest: 'sha256:5', annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
      { platform: { os: 'linux' } },
      'nonsense',
    ];
    assert.deepEqual(decodeIndex({ manifests }), [
      { digest: 'sha256:1', platform: 'linux/amd64' },
      { digest: 'sha256:2', platform: 'linux/arm64/v8' },
      { digest: 'sha256:3' },
    ]);
    assert.equal(decodeIndex({ config: {} }), undefined);
    assert.equal(decodeIndex({ manifests: null }), undefined);
  });
});

describe('decodeImageConfiguration', () => {
  const cases: readonly (readonly [unknown, string | undefined])[] = [
    [{ mediaType: 'application/vnd.oci.image.config.v1+json', digest: 'sha256:1' }, 'sha256:1'],
    [{ mediaType: 'application/vnd.docker.container.image.v1+json', digest: 'sha256:1' }, 'sha256:1'],
    // A chart's configuration is its Chart.yaml: two charts with other templates share it.
    [{ mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: 'sha256:1' }, undefined],
    [
      {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      },
      undefined,
    ],
    [undefined, undefined],
    ['sha256:1', undefined],
  ];
  for (const [config, digest] of cases) {
    it(JSON.stringify(config) ?? 'none', () => assert.equal(decodeImageConfiguration({ config }), digest));
  }
});

describe('isLoopback', () => {
  const hosts: Readonly<Record<string, boolean>> = {
    '127.0.0.1:5000': true,
    '127.1.2.3': true,
    'localhost:5000': true,
    '[::1]:5000': true,
    'ghcr.io': false,
    '127.0.0.1.example.com': false,
    'localhost.example.com:80': false,
    '10.0.0.1:5000': false,
  };
  for (const [host, expected] of Object.entries(hosts)) it(host, () => assert.equal(isLoopback(host), expected));
});
