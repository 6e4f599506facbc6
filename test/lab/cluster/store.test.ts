import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type JsonObject, listAt, numberAt, textAt } from '../../../src/lab/cluster/json';
import type { Patch } from '../../../src/lab/cluster/patch';
import { Store } from '../../../src/lab/cluster/store';
import { by, deployment, imagePolicy, refusalOf, storeWithNamespace } from './objects';

const ref = { kind: 'Deployment', namespace: 'production', name: 'backend' };
const policyRef = { kind: 'ImagePolicy', namespace: 'production', name: 'backend' };

async function eventsOf(store: Store, kind: string, act: () => void, since?: string): Promise<readonly string[]> {
  const events: string[] = [];
  const stop = store.watch(
    kind,
    ({ type, object }) => events.push(`${type} ${object.metadata.name}`),
    since === undefined ? {} : { since },
  );
  act();
  await Promise.resolve();
  stop();
  return events;
}

describe('lab cluster: store', () => {
  it('sets what a server sets, and defaults', () => {
    const store = storeWithNamespace();
    const made = store.create({ ...imagePolicy(), status: { forged: true } }, by('test'));
    assert.match(made.metadata.uid ?? '', /^[0-9a-f-]{36}$/);
    assert.match(made.metadata.creationTimestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(made.metadata.generation, 1);
    assert.deepEqual(made.status, { observedGeneration: -1 });
    assert.equal(textAt(made, 'spec', 'digestReflectionPolicy'), 'Never');
    assert.equal(textAt(made, 'spec', 'policy', 'numerical', 'order'), 'asc');
    assert.equal(made.metadata.resourceVersion, store.resourceVersion);
  });

  it('counts generations by the spec alone, and keeps status apart from the rest', () => {
    const store = storeWithNamespace();
    const made = store.create(imagePolicy(), by('test'));
    const done = store.updateStatus({ ...made, spec: {}, status: { observedGeneration: 1 } }, by('controller'));
    assert.deepEqual([done.metadata.generation, done.status, done.spec], [1, { observedGeneration: 1 }, made.spec]);
    const labelled = store.patch(policyRef, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } }, by('test'));
    assert.equal(labelled.metadata.generation, 1);
    const changed = store.update({ ...labelled, spec: { ...labelled.spec, suspend: true }, status: {} }, by('test'));
    assert.deepEqual([changed.metadata.generation, changed.status], [2, { observedGeneration: 1 }]);
  });

  it('makes no version and no event of a write that changes nothing', async () => {
    const store = storeWithNamespace();
    const made = store.create(deployment(), by('test'));
    const events = await eventsOf(store, 'Deployment', () => {
      assert.equal(store.update(made, by('other')), made);
      store.patch(ref, { type: 'strategic', body: { spec: { replicas: 2 } } }, by('other'));
    });
    assert.deepEqual(events, []);
  });

  it('refuses as the API server does', () => {
    const store = storeWithNamespace();
    const made = store.create(deployment(), by('test'));
    store.create(imagePolicy(), by('test'));
    const merge = (body: JsonObject): Patch => ({ type: 'merge', body });
    const table: readonly (readonly [string, () => unknown])[] = [
      ['409 AlreadyExists', () => store.create(deployment(), by('test'))],
      ['404 NotFound', () => store.update(deployment('other'), by('test'))],
      ['404 NotFound', () => store.create({ ...deployment(), metadata: { name: 'x', namespace: 'none' } }, by('test'))],
      ['400 BadRequest', () => store.create({ ...deployment(), metadata: { name: 'x' } }, by('test'))],
      ['409 Conflict', () => store.patch(ref, merge({ metadata: { resourceVersion: '1' } }), by('test'))],
      ['409 Conflict', () => store.delete(ref, { preconditions: { uid: 'another' } })],
      ['422 Invalid', () => store.create(deployment('Upper'), by('test'))],
      ['422 Invalid', () => store.patch(ref, merge({ spec: { selector: { matchLabels: { app: 'b' } } } }), by('t'))],
      [
        '422 Invalid',
        () => store.patch(policyRef, merge({ spec: { policy: { numerical: { order: 'up' } } } }), by('t')),
      ],
      ['422 Invalid', () => store.patch(policyRef, merge({ spec: { interval: '1m' } }), by('t'))],
      ['422 Invalid', () => store.patch(policyRef, merge({ spec: { imageRepositoryRef: null } }), by('t'))],
      ['415 UnsupportedMediaType', () => store.patch(policyRef, { type: 'strategic', body: {} }, by('t'))],
      ['405 MethodNotAllowed', () => store.delete({ kind: 'CustomResourceDefinition', name: 'x' })],
      ['404 NotFound', () => store.get({ kind: 'Widget', name: 'x' })],
      ['400 BadRequest', () => store.list('Pod', { fieldSelector: 'spec.colour=red' })],
    ];
    assert.deepEqual(
      table.map(([, act]) => refusalOf(act)),
      table.map(([expected]) => expected),
    );
    assert.equal(store.get(ref), made);
  });

  it('tells watchers in order, and again from a resourceVersion', async () => {
    const store = storeWithNamespace();
    const start = store.resourceVersion;
    const act = () => {
      store.create(deployment('a'), by('test'));
      store.create(deployment('b'), by('test'));
      store.patch({ ...ref, name: 'a' }, { type: 'merge', body: { spec: { replicas: 3 } } }, by('test'));
      store.delete({ ...ref, name: 'b' });
    };
    const expected = ['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b'];
    assert.deepEqual(await eventsOf(store, 'Deployment', act), expected);
    assert.deepEqual(await eventsOf(store, 'Deployment', () => undefined, start), expected);
    store.compact();
    assert.equal(
      refusalOf(() => store.watch('Deployment', () => undefined, { since: start })),
      '410 Expired',
    );
  });

  it('reads null as absent, as kubectl writes it in templates, and refuses what is no object', () => {
    const store = storeWithNamespace();
    const made = store.create(deployment(), by('test'));
    const body = { metadata: { annotations: null }, spec: { template: { metadata: { creationTimestamp: null } } } };
    const patch = [{ op: 'add', path: '/spec/template/metadata/creationTimestamp', value: null }];
    assert.equal(store.patch(ref, { type: 'merge', body }, by('x')), made);
    assert.equal(store.patch(ref, { type: 'json', body: patch }, by('x')), made);
    const strange: readonly JsonObject[] = [
      { ownerReferences: [7] },
      { finalizers: [{}] },
      { labels: { a: 1 } },
      { annotations: ['a'] },
      { managedFields: 'mine' },
    ];
    for (const metadata of strange) {
      const refusal = refusalOf(() => store.patch(ref, { type: 'merge', body: { metadata } }, by('x')));
      assert.equal(refusal, '400 BadRequest', JSON.stringify(metadata));
    }
    for (const body of [{ spec: 'x' }, { status: [] }, { metadata: null }]) {
      assert.equal(
        refusalOf(() => store.patch(ref, { type: 'merge', body }, by('x'))),
        '400 BadRequest',
      );
    }
  });

  it('sends a client of an earlier life back to the list', () => {
    const earlier = storeWithNamespace().resourceVersion;
    const store = new Store({ now: () => Date.now() + 1000 });
    assert.equal(
      refusalOf(() => store.watch('Deployment', () => undefined, { since: earlier })),
      '410 Expired',
    );
    assert.equal(
      refusalOf(() => store.list('Deployment', { at: earlier })),
      '410 Expired',
    );
  });

  it('lets a listener write: the store is at rest when it is called', async () => {
    const store = storeWithNamespace();
    const seen: string[] = [];
    const stop = store.watch('Deployment', ({ type, object }) => {
      seen.push(`${type} ${numberAt(object, 'spec', 'replicas')}`);
      if (type === 'ADDED') store.patch(ref, { type: 'merge', body: { spec: { replicas: 5 } } }, by('controller'));
    });
    store.create(deployment(), by('test'));
    assert.deepEqual(seen, []);
    await new Promise((resolve) => setImmediate(resolve));
    stop();
    assert.deepEqual(seen, ['ADDED 2', 'MODIFIED 5']);
  });

  it('lists what is there, what was there, and what is selected', () => {
    const store = storeWithNamespace();
    store.create(deployment('b'), by('test'));
    store.create(deployment('a'), by('test'));
    const then = store.resourceVersion;
    store.delete({ ...ref, name: 'a' });
    store.create(deployment('c'), by('test'));
    const names = (options: Parameters<Store['list']>[1]) =>
      store
        .list('Deployment', options)
        .items.map((item) => item.metadata.name)
        .join(' ');
    assert.equal(names({}), 'b c');
    assert.equal(names({ at: then }), 'a b');
    assert.equal(names({ namespace: 'default' }), '');
    assert.equal(names({ labelSelector: 'app=c' }), 'c');
    assert.equal(names({ labelSelector: 'app in (a, b),app' }), 'b');
    assert.equal(names({ labelSelector: 'app notin (b)' }), 'c');
    assert.equal(names({ labelSelector: '!app' }), '');
    assert.equal(names({ labelSelector: 'app!=b' }), 'c');
    assert.equal(names({ fieldSelector: 'metadata.name=b' }), 'b');
  });

  it('deletes with finalizers, dependents and namespaces', () => {
    const store = storeWithNamespace();
    const owner = store.create(deployment(), by('test'));
    const owned = (kind: string, name: string, by: { kind: string; uid: string | undefined }) => ({
      ...deployment(name),
      kind,
      metadata: {
        name,
        namespace: 'production',
        ownerReferences: [{ apiVersion: 'apps/v1', kind: by.kind, name: 'x', uid: by.uid ?? '' }],
      },
    });
    const set = store.create(
      owned('ReplicaSet', 'backend-1', { kind: 'Deployment', uid: owner.metadata.uid }),
      by('t'),
    );
    const pod = owned('Pod', 'backend-1-a', { kind: 'ReplicaSet', uid: set.metadata.uid });
    store.create({ ...pod, apiVersion: 'v1', spec: { containers: [{ name: 'a', image: 'b' }] } }, by('t'));
    store.delete(ref);
    assert.deepEqual([...store.list('ReplicaSet').items, ...store.list('Pod').items], []);

    const policy = imagePolicy();
    store.create({ ...policy, metadata: { ...policy.metadata, finalizers: ['finalizers.fluxcd.io'] } }, by('t'));
    assert.notEqual(store.delete(policyRef).metadata.deletionTimestamp, undefined);
    assert.equal(store.list('ImagePolicy').items.length, 1);
    store.patch(policyRef, { type: 'json', body: [{ op: 'remove', path: '/metadata/finalizers/0' }] }, by('t'));
    assert.equal(store.list('ImagePolicy').items.length, 0);

    store.create(deployment(), by('test'));
    store.delete({ kind: 'Namespace', name: 'production' });
    assert.equal(store.list('Deployment').items.length, 0);
  });

  it('answers a dry run without doing it', () => {
    const store = storeWithNamespace();
    const version = store.resourceVersion;
    const made = store.create(deployment(), { ...by('test'), mode: 'dry-run' });
    assert.equal(listAt(made, 'spec', 'template', 'spec', 'containers').length, 1);
    assert.deepEqual([store.resourceVersion, store.get(ref)], [version, undefined]);
  });
});
