import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { rememberIndexes } from '../../../src/fleet/objectIndex';
import type { Meta } from '../../../src/model/flux';

interface Thing {
  readonly meta: Meta;
}

const keys = { name: ['a/x', 'a/y', 'b/x', 'b/y'], namespace: ['a', 'b'], owner: ['u', 'v'] } as const;
const kinds = ['name', 'namespace', 'owner'] as const;

const plain: Meta = { name: '', namespace: 'a', labels: {}, annotations: {}, owners: [], managedFields: [] };

/** New objects at each draw, so that whatever is drawn anew has changed. */
const thing: fc.Arbitrary<Thing> = fc
  .record({
    namespace: fc.constantFrom('a', 'b'),
    name: fc.constantFrom('x', 'y'),
    owners: fc.subarray(['u', 'v']).map((uids) => uids.map((uid) => ({ kind: 'ReplicaSet', name: uid, uid }))),
  })
  .map((own) => ({ meta: { ...plain, ...own } }));

/** What happens to an array: objects that go, change, come, or stand elsewhere. */
const step = fc.record({
  fates: fc.array(fc.oneof(fc.constant('stay'), fc.constant('go'), thing), { minLength: 8, maxLength: 8 }),
  come: fc.array(thing, { maxLength: 2 }),
  isTurned: fc.boolean(),
});

function apply(
  all: readonly Thing[],
  { fates, come, isTurned }: typeof step extends fc.Arbitrary<infer S> ? S : never,
) {
  const kept = all.flatMap((one, at) => {
    const fate = fates[at % fates.length] ?? 'stay';
    return fate === 'stay' ? [one] : typeof fate === 'string' ? [] : [fate];
  });
  return isTurned ? [...come, ...kept.toReversed()] : [...kept, ...come];
}

function found(all: readonly Thing[], by: (typeof kinds)[number], key: string): readonly Thing[] {
  return all.filter(({ meta }) => {
    if (by === 'name') return `${meta.namespace}/${meta.name}` === key;
    return by === 'namespace' ? meta.namespace === key : meta.owners.some(({ uid }) => uid === key);
  });
}

describe('an index of objects', () => {
  it('finds what is there, and tells of every key where something else would be found', () => {
    fc.assert(
      fc.property(fc.array(thing, { maxLength: 8 }), fc.array(step, { maxLength: 4 }), (start, steps) => {
        const index = rememberIndexes();
        let before: readonly Thing[] = start;
        for (const one of [undefined, ...steps]) {
          const now: readonly Thing[] = one === undefined ? before : apply(before, one);
          for (const by of kinds) {
            for (const key of keys[by]) {
              const hasNews = index.news(before, now)(by).has(key);
              const [was, is] = [found(before, by, key), found(now, by, key)];
              const isSame = was.length === is.length && was.every((object, at) => object === is[at]);
              assert.ok(hasNews || isSame, `${by} ${key}`);
              assert.deepEqual(
                index.places(now, by, key).map((at) => now[at]),
                is,
              );
            }
          }
          before = now;
        }
      }),
    );
  });

  it('says that nothing is new of what only stands beside it', () => {
    const [one, other] = ['x', 'y'].map((name) => ({ meta: { ...plain, name } }));
    assert.ok(one !== undefined && other !== undefined);
    const index = rememberIndexes();
    const [before, now] = [
      [one, other],
      [{ ...one }, other],
    ];
    assert.equal(index.news(before, now)('name').has('a/x'), true);
    assert.equal(index.news(before, now)('name').has('a/y'), false);
    assert.equal(index.news(now, [other])('name').has('a/y'), false);
  });
});
