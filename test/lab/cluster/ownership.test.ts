// Who owns which field after which write. Source: Kubernetes' page on server-side apply.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type JsonObject, valueAt } from '../../../src/lab/cluster/json';
import { formatFields, leavesOf, parseFields } from '../../../src/lab/cluster/managedFields';
import type { KubeObject } from '../../../src/lab/cluster/object';
import type { PatchWrite, Store } from '../../../src/lab/cluster/store';
import { by, deployment, imagePolicy, ownersOf, refusalOf, storeWithNamespace } from './objects';

const policyRef = { kind: 'ImagePolicy', namespace: 'production', name: 'backend' };
const deploymentRef = { ...policyRef, kind: 'Deployment' };

function applyPolicy(store: Store, spec: JsonObject, write: PatchWrite): KubeObject {
  const body = { apiVersion: 'image.toolkit.fluxcd.io/v1', kind: 'ImagePolicy', metadata: { name: 'backend' }, spec };
  return store.patch(policyRef, { type: 'apply', body }, write);
}

function applyContainer(store: Store, container: JsonObject, write: PatchWrite): KubeObject {
  const spec = { template: { spec: { containers: [{ name: 'app', ...container }] } } };
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'backend' }, spec };
  return store.patch(deploymentRef, { type: 'apply', body }, write);
}

const base = { imageRepositoryRef: { name: 'backend' }, policy: { numerical: { order: 'asc' } } };
const basePaths = '.spec.imageRepositoryRef.name .spec.policy.numerical.order';

describe('lab cluster: ownership', () => {
  it('reads back what it writes', () => {
    const object = deployment();
    const leaves = leavesOf(object, { isCustom: false });
    assert.deepEqual(new Set(parseFields(formatFields(leaves.keys()))), new Set(leaves.keys()));
  });

  it('gives a field to whoever changed it last', () => {
    const store = storeWithNamespace();
    store.create(imagePolicy(), by('kustomize-controller'));
    const patch = { type: 'merge', body: { spec: { suspend: true, filterTags: { pattern: '^w' } } } } as const;
    const live = store.patch(policyRef, patch, by('flux-promote'));
    assert.deepEqual(ownersOf(live), [
      `kustomize-controller Update: ${basePaths} .spec.digestReflectionPolicy`,
      'flux-promote Update: .spec.filterTags.pattern .spec.suspend',
    ]);
    const status = store.updateStatus({ ...live, status: { observedGeneration: 2 } }, by('image-reflector-controller'));
    assert.equal(ownersOf(status).at(-1), 'image-reflector-controller Update: .status.observedGeneration');
    const gone = store.patch(
      policyRef,
      { type: 'merge', body: { spec: { suspend: null, filterTags: null } } },
      by('x'),
    );
    assert.equal(ownersOf(gone).length, 2);
  });

  it('takes away what its manager applied before and leaves out now, and nothing of anybody else', () => {
    const store = storeWithNamespace();
    const mine = by('kustomize-controller');
    applyPolicy(store, { ...base, filterTags: { pattern: '^v', extract: '$ts' } }, mine);
    store.patch(policyRef, { type: 'merge', body: { spec: { suspend: true } } }, by('flux-promote'));
    const live = applyPolicy(store, { ...base, filterTags: { pattern: '^v' } }, mine);
    assert.deepEqual(valueAt(live, 'spec', 'filterTags'), { pattern: '^v' });
    assert.equal(valueAt(live, 'spec', 'suspend'), true);
    const bare = applyPolicy(store, base, mine);
    assert.equal(valueAt(bare, 'spec', 'filterTags'), undefined);
    assert.deepEqual(ownersOf(bare), [
      'flux-promote Update: .spec.suspend',
      `kustomize-controller Apply: ${basePaths}`,
    ]);
  });

  it('changes nothing when the same is applied again', () => {
    const store = storeWithNamespace();
    const first = applyPolicy(store, base, by('a'));
    assert.equal(applyPolicy(store, base, by('a')), first);
  });

  it('refuses to take what another owns with another value, shares equal values, takes by force', () => {
    const store = storeWithNamespace();
    store.create(deployment(), by('kubectl'));
    assert.equal(
      refusalOf(() => applyContainer(store, { image: 'registry/backend:v2' }, by('kustomize-controller'))),
      '409 Conflict',
    );
    const same = applyContainer(store, { image: 'registry/backend:v1' }, by('kustomize-controller'));
    const hasImage = (object: KubeObject) => ownersOf(object).map((entry) => /\.image(?: |$)/.test(entry));
    assert.deepEqual(hasImage(same), [true, true]);
    const write = { ...by('kustomize-controller'), onConflict: 'take' } as const;
    const taken = applyContainer(store, { image: 'registry/backend:v2' }, write);
    assert.deepEqual(hasImage(taken), [false, true]);
    const env = [{ name: 'B', value: '2' }];
    applyContainer(store, { image: 'registry/backend:v2', env }, write);
    const without = applyContainer(store, { image: 'registry/backend:v2' }, write);
    const left = valueAt(without, 'spec', 'template', 'spec', 'containers', 0, 'env');
    assert.deepEqual(left, [{ name: 'A', value: '1' }]);
  });

  it('lets managedFields be rewritten, as Flux does to undo kubectl', () => {
    const store = storeWithNamespace();
    const made = store.create(imagePolicy(), by('kubectl'));
    const entries = (made.metadata.managedFields ?? []).map((entry) => ({ ...entry, manager: 'renamed' }));
    const patch = [{ op: 'replace', path: '/metadata/managedFields', value: entries }];
    const live = store.patch(policyRef, { type: 'json', body: patch }, by('kustomize-controller'));
    assert.deepEqual(
      live.metadata.managedFields?.map(({ manager }) => manager),
      ['renamed'],
    );
  });
});
