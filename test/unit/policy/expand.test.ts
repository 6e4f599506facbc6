import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { createExpansion, parseTemplate } from '../../../src/policy/expand';
import { compiled } from './arbitraryPatterns';

function expand(template: string, pattern: string, tag: string): string {
  const expression = compiled(pattern);
  const match = expression.search(tag);
  assert.ok(match);
  return createExpansion(template, expression).expand(tag, match);
}

const table: readonly (readonly [template: string, key: string])[] = [
  ['$ts', '17'],
  ['${ts}', '17'],
  ['$1', '17'],
  ['$0', 'main-abc-17'],
  ['ts', 'ts'],
  ['v$ts', 'v17'],
  ['$ts-x', '17-x'],
  ['$ts_x', ''],
  ['${ts}_x', '17_x'],
  ['$1x', ''],
  ['$01', ''],
  ['$2', ''],
  ['$foo', ''],
  ['$$ts', '$ts'],
  ['$$$ts', '$17'],
  ['$', '$'],
  ['$-$', '$-$'],
  ['${ts', '${ts'],
  ['${}', '${}'],
  ['${1}0', '170'],
  ['$<ts>', '$<ts>'],
  ['$(ts)', '$(ts)'],
  ['$&', '$&'],
  ['\\1', '\\1'],
  ['$tsé', ''],
  ['$999999999', ''],
];

describe('createExpansion', () => {
  for (const [template, key] of table) {
    it(`expands ${template}`, () => {
      assert.equal(expand(template, '^main-[a-f0-9]+-(?P<ts>[0-9]+)$', 'main-abc-17'), key);
    });
  }

  it('leaves out groups that took no part, and takes the first that did of those that share a name', () => {
    assert.equal(expand('[$1|$2]', '(a)|(b)', 'b'), '[|b]');
    assert.equal(expand('$n', '(?P<n>a)|(?P<n>b)', 'b'), 'b');
    assert.equal(expand('$n', '(?P<n>x*)(?P<n>b)', 'b'), '');
  });

  it('leaves text without a dollar as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('$')),
        (text) => assert.equal(expand(text, 'a', 'a'), text),
      ),
    );
  });

  it('tells where each reference stands', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'n', '1', '-', 'é') }), (template) => {
        for (const part of parseTemplate(template)) {
          if (part.kind === 'text') continue;
          const name = part.kind === 'group' ? String(part.number) : part.name;
          assert.ok([`$${name}`, `\${${name}}`].includes(template.slice(...part.range)));
        }
      }),
    );
  });
});
