import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createExpansion, parseTemplate, type TemplatePart } from '../../../src/policy/expand';
import { compiled } from './arbitraryPatterns';

const text = (literal: string): TemplatePart => ({ kind: 'text', text: literal });
const name = (word: string, start: number, end: number): TemplatePart => ({
  kind: 'name',
  name: word,
  range: [start, end],
});
const group = (number: number, start: number, end: number): TemplatePart => ({
  kind: 'group',
  number,
  range: [start, end],
});

/** Go's Regexp.Expand (flux-facts.md section 2.3). */
const table: readonly (readonly [template: string, parts: readonly TemplatePart[]])[] = [
  ['', []],
  ['$n', [name('n', 0, 2)]],
  ['$n$m', [name('n', 0, 2), name('m', 2, 4)]],
  ['v${n}-$1x', [text('v'), name('n', 1, 5), text('-'), name('1x', 6, 9)]],
  ['$0${12}', [group(0, 0, 2), group(12, 2, 7)]],
  ['$01', [name('01', 0, 3)]],
  ['$999999999 $1000000000', [group(999999999, 0, 10), text(' '), name('1000000000', 11, 22)]],
  ['$$n$', [text('$n$')]],
  ['a$${n}', [text('a${n}')]],
  ['${n', [text('${n')]],
  ['${}$ n', [text('${}$ n')]],
  ['$é1_', [name('é1_', 0, 4)]],
];

describe('parseTemplate', () => {
  for (const [template, parts] of table) {
    it(`reads ${JSON.stringify(template)}`, () => assert.deepEqual(parseTemplate(template), parts));
  }

  it('names the groups that an expansion looks at, each once', () => {
    const pattern = compiled('(?P<n>a)|(b)(?P<n>c)');
    assert.deepEqual(createExpansion('x', pattern).groups, []);
    assert.deepEqual(createExpansion('$n-$2 $n$0 $none', pattern).groups, [1, 3, 2, 0]);
  });
});
