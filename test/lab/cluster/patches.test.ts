// Patches as tables: what was there, what is sent, what is there then. Sources: RFC 6902 appendix A, RFC 7386 appendix A,
// Kubernetes' strategic merge patch document.
import assert from 'node:assert/strict';
import { array, assert as check, constantFrom, dictionary, letrec, oneof, property, string } from 'fast-check';
import { describe, it } from 'mocha';
import { isEqual, type Json, type JsonObject } from '../../../src/lab/cluster/json';
import { applyJsonPatch, applyMergePatch } from '../../../src/lab/cluster/jsonPatch';
import { applyStrategicPatch } from '../../../src/lab/cluster/strategicPatch';
import { refusalOf } from './objects';

const asSent = (value: Json): unknown => JSON.parse(JSON.stringify(value));

describe('lab cluster: JSON patch', () => {
  const good: readonly (readonly [before: Json, patch: Json, after: Json])[] = [
    [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
    [{ foo: ['a', 'b'] }, [{ op: 'add', path: '/foo/1', value: 'x' }], { foo: ['a', 'x', 'b'] }],
    [{ foo: ['a'] }, [{ op: 'add', path: '/foo/-', value: ['x'] }], { foo: ['a', ['x']] }],
    [{ foo: 1, baz: 2 }, [{ op: 'remove', path: '/baz' }], { foo: 1 }],
    [{ foo: ['a', 'b', 'c'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['a', 'c'] }],
    [{ foo: 1 }, [{ op: 'replace', path: '/foo', value: null }], { foo: null }],
    [{ a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
    [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
    [{ 'a/b~c': 1 }, [{ op: 'test', path: '/a~1b~0c', value: 1 }], { 'a/b~c': 1 }],
    [{ a: 1 }, [], { a: 1 }],
  ];
  for (const [before, patch, after] of good) {
    it(JSON.stringify(patch), () => assert.deepEqual(asSent(applyJsonPatch(before, patch)), after));
  }
  const bad: readonly (readonly [patch: Json, refusal: string])[] = [
    [[{ op: 'remove', path: '/none' }], '422 Invalid'],
    [[{ op: 'replace', path: '/none', value: 1 }], '422 Invalid'],
    [[{ op: 'add', path: '/none/deep', value: 1 }], '422 Invalid'],
    [[{ op: 'add', path: '/list/7', value: 1 }], '422 Invalid'],
    [[{ op: 'remove', path: '/list/01' }], '422 Invalid'],
    [[{ op: 'test', path: '/list', value: [] }], '422 Invalid'],
    [[{ op: 'remove', path: 'list' }], '400 BadRequest'],
    [[{ op: 'add', path: '/a' }], '400 BadRequest'],
    [[{ op: 'sing', path: '/a', value: 1 }], '400 BadRequest'],
    [[1], '400 BadRequest'],
    [{ op: 'add' }, '400 BadRequest'],
  ];
  for (const [patch, refusal] of bad) {
    it(`${JSON.stringify(patch)} is refused`, () => {
      assert.equal(
        refusalOf(() => applyJsonPatch({ list: [1] }, patch)),
        refusal,
      );
    });
  }
});

describe('lab cluster: merge patch', () => {
  const rows: readonly (readonly [before: Json, patch: Json, after: Json])[] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [before, patch, after] of rows) {
    it(`${JSON.stringify(before)} + ${JSON.stringify(patch)}`, () => {
      assert.deepEqual(asSent(applyMergePatch(before, patch)), after);
    });
  }
  it('is the same twice as once, and changes nothing in place', () => {
    const { object: json } = letrec<{ object: JsonObject; value: Json }>((tie) => ({
      object: dictionary(string({ maxLength: 2 }), tie('value'), { maxKeys: 4 }),
      value: oneof({ depthSize: 'small' }, constantFrom(null, 1, 'a'), array(constantFrom(1, 2)), tie('object')),
    }));
    check(
      property(json, json, (before, patch) => {
        const kept = JSON.stringify(before);
        const once = applyMergePatch(before, patch);
        assert.ok(isEqual(applyMergePatch(once, patch), once));
        assert.equal(JSON.stringify(before), kept);
      }),
    );
  });
});

describe('lab cluster: strategic merge patch', () => {
  const pods = (containers: readonly JsonObject[]): JsonObject => ({ spec: { containers } });
  const rows: readonly (readonly [title: string, before: JsonObject, patch: JsonObject, after: JsonObject])[] = [
    [
      'merges a container by its name',
      pods([
        { name: 'a', image: 'a:1' },
        { name: 'b', image: 'b:1', env: [{ name: 'X', value: '1' }] },
      ]),
      pods([{ name: 'b', image: 'b:2' }]),
      pods([
        { name: 'a', image: 'a:1' },
        { name: 'b', image: 'b:2', env: [{ name: 'X', value: '1' }] },
      ]),
    ],
    [
      'merges lists within items, and takes fields away by null',
      pods([{ name: 'a', command: ['x'], env: [{ name: 'X', value: '1' }] }]),
      pods([{ name: 'a', command: null, env: [{ name: 'Y', value: '2' }] }]),
      pods([
        {
          name: 'a',
          env: [
            { name: 'X', value: '1' },
            { name: 'Y', value: '2' },
          ],
        },
      ]),
    ],
    [
      'deletes an item',
      pods([{ name: 'a' }, { name: 'b' }]),
      pods([{ name: 'a', $patch: 'delete' }]),
      pods([{ name: 'b' }]),
    ],
    [
      'replaces a list',
      pods([{ name: 'a' }, { name: 'b' }]),
      pods([{ name: 'c' }, { $patch: 'replace' }]),
      pods([{ name: 'c' }]),
    ],
    [
      'orders as told',
      pods([{ name: 'a' }]),
      { spec: { containers: [{ name: 'b' }], '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] } },
      pods([{ name: 'b' }, { name: 'a' }]),
    ],
    [
      'keeps only the keys to retain',
      { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } },
      { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
      { spec: { strategy: { type: 'Recreate' } } },
    ],
    ['replaces an object', { spec: { a: 1, b: 2 } }, { spec: { $patch: 'replace', c: 3 } }, { spec: { c: 3 } }],
    [
      'treats finalizers as a set',
      { metadata: { finalizers: ['a', 'b'] } },
      { metadata: { finalizers: ['b', 'c'], '$deleteFromPrimitiveList/finalizers': ['a'] } },
      { metadata: { finalizers: ['b', 'c'] } },
    ],
    ['replaces other lists', { spec: { args: ['a'] } }, { spec: { args: ['b'] } }, { spec: { args: ['b'] } }],
  ];
  for (const [title, before, patch, after] of rows) {
    it(title, () => assert.deepEqual(asSent(applyStrategicPatch(before, patch)), after));
  }
  it('refuses an item without its key', () => {
    assert.equal(
      refusalOf(() => applyStrategicPatch(pods([]), pods([{ image: 'x' }]))),
      '400 BadRequest',
    );
  });
});
