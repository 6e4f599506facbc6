import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { goQuote } from '../../../src/policy/goQuote';

/** By strconv.Quote. */
const table: readonly (readonly [text: string, quoted: string])[] = [
  ['', '""'],
  ['>=1.0 x', '">=1.0 x"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['\u0007\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['\u0000\u001f\u007f', '"\\x00\\x1f\\x7f"'],
  ['\u0080\u00a0\u00ad', '"\\u0080\\u00a0\\u00ad"'],
  ['\u2028\ue000\uffff', '"\\u2028\\ue000\\uffff"'],
  ['é\u0301½«☃\u{1f600}', '"é\u0301½«☃\u{1f600}"'],
  ['\u{e0001}\u{10ffff}', '"\\U000e0001\\U0010ffff"'],
];

describe('goQuote', () => {
  for (const [text, quoted] of table) {
    it(`writes ${quoted}`, () => assert.equal(goQuote(text), quoted));
  }
});
