import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { decodeLabelSelector, formatRequirement, selectsLabels } from '../../../src/manifests/labelRequirements';

const one = (expression: unknown) => decodeLabelSelector({ matchExpressions: [expression] }) ?? [];

describe('a label selector of an object', () => {
  const rows: readonly [
    unknown,
    string,
    takes: readonly Record<string, string>[],
    not: readonly Record<string, string>[],
  ][] = [
    [{ key: 'a', operator: 'In', values: ['x', 'y'] }, 'a in (x, y)', [{ a: 'x' }, { a: 'y' }], [{ a: 'z' }, {}]],
    [{ key: 'a', operator: 'NotIn', values: ['x'] }, 'a!=x', [{ a: 'y' }, {}], [{ a: 'x' }]],
    [{ key: 'a', operator: 'NotIn', values: ['x', 'y'] }, 'a notin (x, y)', [{}], [{ a: 'y' }]],
    [{ key: 'a', operator: 'Exists' }, 'a', [{ a: '' }], [{ b: 'x' }]],
    [{ key: 'a', operator: 'DoesNotExist' }, '!a', [{ b: 'x' }], [{ a: '' }]],
  ];
  for (const [expression, text, takes, not] of rows) {
    it(`reads ${text}`, () => {
      const requirements = one(expression);
      assert.deepEqual(requirements.map(formatRequirement), [text]);
      for (const labels of takes) assert.equal(selectsLabels(requirements, labels), true);
      for (const labels of not) assert.equal(selectsLabels(requirements, labels), false);
    });
  }

  it('wants labels and expressions alike, and nothing where it says nothing', () => {
    const both = decodeLabelSelector({ matchLabels: { a: 'x' }, matchExpressions: [{ key: 'b', operator: 'Exists' }] });
    assert.deepEqual(both?.map(formatRequirement), ['a=x', 'b']);
    assert.equal(selectsLabels(both, { a: 'x' }), false);
    assert.equal(selectsLabels(both, { a: 'x', b: '' }), true);
    assert.deepEqual([decodeLabelSelector({}), decodeLabelSelector(undefined)], [[], undefined]);
  });

  it('leaves out what is no expression', () => {
    for (const garbage of [7, {}, { key: 'a', operator: 'Nonsense' }, { operator: 'Exists' }]) {
      assert.deepEqual(one(garbage), []);
    }
  });
});
