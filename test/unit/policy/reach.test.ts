import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { canBeginLater } from '../../../src/policy/reach';
import { compiled } from './arbitraryPatterns';

/** Whether a match can begin behind the first character of a tag. */
const table: Readonly<Record<string, boolean>> = {
  a: true,
  '^a': false,
  '\\Aa': false,
  '(?m)^a': false,
  '(?:^a|^b)c': false,
  '^a|b': true,
  'a*^b': true,
  '(?:)': true,
  $: true,
  '^': false,
  '^$': false,
  '\\b': true,
  '\\ba': true,
  '\\Ba': true,
  '[^\\x00-\\x{10FFFF}]': false,
};

describe('canBeginLater', () => {
  for (const [pattern, expected] of Object.entries(table)) {
    it(`knows ${pattern}`, () => assert.equal(canBeginLater(compiled(pattern).program), expected));
  }
});
