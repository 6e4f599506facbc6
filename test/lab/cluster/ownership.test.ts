// Who owns which field after which write. Source: Kubernetes' page on server-side apply.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type JsonObject, valueAt } from '../../../src/lab/cluster/json';
import { formatFields, leavesOf, parseFields } from '../../../src/lab/cluster/managedFields';
import type { KubeObject } from '../../../src/lab/cluster/object';
import { type EitherApi, type EitherWrite, eitherApi } from './eitherApi';
import { deployment, imagePolicy, ownersOf } from './objects';

const policyRef = { kind: 'ImagePolicy', namespace: 'production', name: 'backend' };
const deploymentRef = { ...policyRef, kind: 'Deployment' };

function applyPolicy({ patch }: EitherApi, spec: JsonObject, write: EitherWrite): Promise<KubeObject> {
  const body = { apiVersion: 'image.toolkit.fluxcd.io/v1', kind: 'ImagePolicy', metadata: { name: 'backend' }, spec };
  return patch(policyRef, { type: 'apply', body }, write);
}

function applyContainer({ patch }: EitherApi, container: JsonObject, write: EitherWrite): Promise<KubeObject> {
  const selector = { matchLabels: { app: 'backend' } };
  const template = {
    metadata: { labels: selector.matchLabels },
    spec: { containers: [{ name: 'app', ...container }] },
  };
  const spec = { selector, template };
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'backend' }, spec };
  return patch(deploymentRef, { type: 'apply', body }, write);
}

const base = { imageRepositoryRef: { name: 'backend' }, policy: { numerical: { order: 'asc' } } };
const basePaths = '.spec.imageRepositoryRef.name .spec.policy.numerical.order';

const by = (fieldManager: string): EitherWrite => ({ fieldManager });

describe('ownership of fields', function () {
  // Real sockets and real programs, on a machine that may be busy.
  this.timeout(60_000);
  const run = eitherApi();

  it('reads back what it writes', () => {
    const object = deployment();
    const leaves = leavesOf(object, { isCustom: false });
    assert.deepEqual(new Set(parseFields(formatFields(leaves.keys()))), new Set(leaves.keys()));
  });

  it('gives a field to whoever changed it last', () =>
    run(async (api) => {
      await api.create(imagePolicy(), 'kustomize-controller');
      const patch = { type: 'merge', body: { spec: { suspend: true, filterTags: { pattern: '^w' } } } } as const;
      const live = await api.patch(policyRef, patch, by('flux-promote'));
      assert.deepEqual(ownersOf(live), [
        'flux-promote Update: .spec.filterTags.pattern .spec.suspend',
        `kustomize-controller Update: .spec.digestReflectionPolicy ${basePaths}`,
      ]);
      const status = await api.updateStatus(
        { ...live, status: { observedGeneration: 2 } },
        'image-reflector-controller',
      );
      assert.ok(ownersOf(status).includes('image-reflector-controller Update: .status.observedGeneration'));
      const gone = await api.patch(
        policyRef,
        { type: 'merge', body: { spec: { suspend: null, filterTags: null } } },
        by('x'),
      );
      assert.equal(ownersOf(gone).length, 2);
    }));

  it('takes away what its manager applied before and leaves out now, and nothing of anybody else', () =>
    run(async (api) => {
      const mine = by('kustomize-controller');
      await applyPolicy(api, { ...base, filterTags: { pattern: '^v', extract: '$ts' } }, mine);
      await api.patch(policyRef, { type: 'merge', body: { spec: { suspend: true } } }, by('flux-promote'));
      const live = await applyPolicy(api, { ...base, filterTags: { pattern: '^v' } }, mine);
      assert.deepEqual(valueAt(live, 'spec', 'filterTags'), { pattern: '^v' });
      assert.equal(valueAt(live, 'spec', 'suspend'), true);
      const bare = await applyPolicy(api, base, mine);
      assert.equal(valueAt(bare, 'spec', 'filterTags'), undefined);
      assert.deepEqual(ownersOf(bare), [
        'flux-promote Update: .spec.suspend',
        `kustomize-controller Apply: ${basePaths}`,
      ]);
    }));

  it('changes nothing when the same is applied again', () =>
    run(async (api) => {
      const first = await applyPolicy(api, base, by('a'));
      const second = await applyPolicy(api, base, by('a'));
      assert.equal(second.metadata.generation, first.metadata.generation);
      assert.deepEqual([second.spec, ownersOf(second)], [first.spec, ownersOf(first)]);
    }));

  it('refuses to take what another owns with another value, shares equal values, takes by force', () =>
    run(async (api) => {
      await api.create(deployment(), 'kubectl');
      await assert.rejects(
        applyContainer(api, { image: 'registry/backend:v2' }, by('kustomize-controller')),
        /^Error: 409 Conflict: .*conflict with "kubectl".*\.spec\.template\.spec\.containers\[name="app"\]\.image/s,
      );
      const same = await applyContainer(api, { image: 'registry/backend:v1' }, by('kustomize-controller'));
      const ownersOfImage = (object: KubeObject) =>
        ownersOf(object).flatMap((entry) => (/\.image(?: |$)/.test(entry) ? entry.replace(/:.*/, '') : []));
      assert.deepEqual(ownersOfImage(same), ['kubectl Update', 'kustomize-controller Apply']);
      const write = { ...by('kustomize-controller'), onConflict: 'take' } as const;
      const taken = await applyContainer(api, { image: 'registry/backend:v2' }, write);
      assert.deepEqual(ownersOfImage(taken), ['kustomize-controller Apply']);
      const env = [{ name: 'B', value: '2' }];
      await applyContainer(api, { image: 'registry/backend:v2', env }, write);
      const without = await applyContainer(api, { image: 'registry/backend:v2' }, write);
      const left = valueAt(without, 'spec', 'template', 'spec', 'containers', 0, 'env');
      assert.deepEqual(left, [{ name: 'A', value: '1' }]);
    }));

  it('lets managedFields be rewritten, as Flux does to undo kubectl', () =>
    run(async (api) => {
      const made = await api.create(imagePolicy(), 'kubectl');
      const entries = (made.metadata.managedFields ?? []).map((entry) => ({ ...entry, manager: 'renamed' }));
      const patch = [{ op: 'replace', path: '/metadata/managedFields', value: entries }];
      const live = await api.patch(policyRef, { type: 'json', body: patch }, by('kustomize-controller'));
      assert.deepEqual(
        live.metadata.managedFields?.map(({ manager }) => manager),
        ['renamed'],
      );
    }));
});
