// Whatever is written in whatever order: the events tell the whole story, the past can be listed, and every field has an owner.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Json, JsonObject } from '../../../src/lab/cluster/json';
import { leavesOf, parseFields } from '../../../src/lab/cluster/managedFields';
import type { KubeObject } from '../../../src/lab/cluster/object';
import { StatusError } from '../../../src/lab/cluster/status';
import { Store } from '../../../src/lab/cluster/store';
import { deployment } from './objects';

interface Step {
  readonly act: 'create' | 'merge' | 'strategic' | 'apply' | 'status' | 'delete';
  readonly name: string;
  readonly manager: string;
  readonly image: string;
  readonly env: readonly string[];
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    act: fc.constantFrom('create', 'merge', 'strategic', 'apply', 'status', 'delete'),
    name: fc.constantFrom('a', 'b'),
    manager: fc.constantFrom('flux', 'kubectl', 'lab'),
    image: fc.constantFrom('i:1', 'i:2'),
    env: fc.uniqueArray(fc.constantFrom('X', 'Y', 'Z'), { maxLength: 3 }),
  }),
  { maxLength: 30 },
);

function take(store: Store, { act, name, manager, image, env }: Step): void {
  const ref = { kind: 'Deployment', namespace: 'default', name };
  const write = { fieldManager: manager, onConflict: 'take' } as const;
  const container: JsonObject = { name: 'app', image, env: env.map((name) => ({ name, value: image })) };
  const body: JsonObject = { spec: { template: { spec: { containers: [container] } } } };
  const base = deployment(name, image);
  if (act === 'create') store.create({ ...base, metadata: { ...base.metadata, namespace: 'default' } }, write);
  else if (act === 'delete') store.delete(ref);
  else if (act === 'status')
    store.patch(ref, { type: 'merge', body: { status: { image } } }, { ...write, part: 'status' });
  else if (act === 'apply') {
    const selector = base.spec?.['selector'] ?? {};
    const template = { metadata: { labels: { app: name } }, spec: { containers: [container] } };
    const applied: Json = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: { selector, template },
    };
    store.patch(ref, { type: 'apply', body: applied }, write);
  } else store.patch(ref, { type: act, body }, write);
}

function pictureOf(objects: readonly KubeObject[]): Readonly<Record<string, KubeObject>> {
  return Object.fromEntries(objects.map((object) => [object.metadata.name, object]));
}

describe('lab cluster: store, in any order', () => {
  it('keeps events, past lists and owners in step with the objects', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const store = new Store();
        const replayed = new Map<string, KubeObject>();
        const versions: number[] = [];
        const stop = store.watch('Deployment', ({ type, object, version }) => {
          versions.push(version);
          if (type === 'DELETED') replayed.delete(object.metadata.name);
          else replayed.set(object.metadata.name, object);
        });
        const past = new Map<string, readonly KubeObject[]>();
        for (const step of taken) {
          past.set(store.resourceVersion, store.list('Deployment').items);
          try {
            take(store, step);
          } catch (error) {
            assert.ok(error instanceof StatusError, String(error));
            const isExpected = [404, 409, 422].includes(error.status.code);
            assert.ok(isExpected, `${JSON.stringify(step)}: ${error.message}`);
          }
        }
        await Promise.resolve();
        stop();
        const { items } = store.list('Deployment');
        assert.deepEqual(Object.fromEntries(replayed), pictureOf(items));
        assert.deepEqual(
          versions,
          versions.toSorted((a, b) => a - b),
        );
        for (const [at, expected] of past) assert.deepEqual(store.list('Deployment', { at }).items, expected);
        for (const item of items) {
          const owned = new Set((item.metadata.managedFields ?? []).flatMap((e) => [...parseFields(e.fieldsV1)]));
          const leaves = new Set(leavesOf(item, { isCustom: false }).keys());
          for (const key of owned) assert.ok(leaves.has(key), `owned but absent: ${key}`);
        }
      }),
      { numRuns: 150 },
    );
  }).timeout(20_000);
});
