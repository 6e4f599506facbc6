import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { asObject } from '../../src/base/json';
import { largeFleet, seededNamespace, seededService, seedFleet } from './stack/seedFleet';
import { type ApiOnly, startApiOnly } from './stack/stack';

describe('a fleet that is seeded into etcd', function () {
  this.timeout(120_000);
  let alone: ApiOnly;

  before(async () => {
    alone = await startApiOnly();
    await seedFleet(alone.etcd, largeFleet);
  });
  after(() => alone.stop());

  it('is served by the API as if it had come through it', async () => {
    const count = async (path: string): Promise<number> => {
      const list = await alone.api.get(`${path}?limit=1`);
      const rest = Number(asObject(list['metadata'])?.['remainingItemCount'] ?? 0);
      return rest + (Array.isArray(list['items']) ? list['items'].length : 0);
    };
    const flux = await Promise.all([
      ...['imagerepositories', 'imagepolicies', 'imageupdateautomations'].map((kind) =>
        count(`/apis/image.toolkit.fluxcd.io/v1/${kind}`),
      ),
      count('/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations'),
      count('/apis/source.toolkit.fluxcd.io/v1/gitrepositories'),
    ]);
    assert.equal(
      flux.reduce((sum, each) => sum + each, 0),
      largeFleet.fluxObjects,
    );
    assert.equal(await count('/apis/apps/v1/deployments'), 3 * largeFleet.services);
    assert.equal(await count('/apis/apps/v1/replicasets'), 3 * largeFleet.services);
    assert.equal(await count('/api/v1/pods'), largeFleet.pods);
  });

  it('takes writes: a patch, and a new object in a seeded namespace', async () => {
    const namespace = seededNamespace(150, 'production');
    const path = `/apis/image.toolkit.fluxcd.io/v1/namespaces/${namespace}/imagepolicies/${seededService(150)}`;
    const annotations = { 'reconcile.fluxcd.io/requestedAt': 'now' };
    const patched = await alone.api.patch(path, { metadata: { annotations } });
    assert.deepEqual(asObject(patched['metadata'])?.['annotations'], annotations);
    const scaled = await alone.api.patch(`/apis/apps/v1/namespaces/${namespace}/deployments/${seededService(150)}`, {
      spec: { replicas: 5 },
    });
    assert.equal(asObject(scaled['spec'])?.['replicas'], 5);
    await alone.api.create(`/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name: 'new' } });
  });
});
