import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { compareBytes } from '../../../src/policy/compareBytes';

/** Characters where UTF-16 and UTF-8 order meet: around the surrogates, and the first and last pair. */
const edges = ['\u0000', 'a', '\ud7ff', '\ue000', '\ue001', '\uffff', '\u{10000}', '\u{10401}', '\u{10ffff}'];

describe('compareBytes', () => {
  it('orders every two edges as their bytes do', () => {
    for (const left of edges) {
      for (const right of edges) {
        const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
        assert.equal(Math.sign(compareBytes(left, right)), bytes, JSON.stringify([left, right]));
      }
    }
  });

  it('orders any two texts as their bytes do', () => {
    const texts = fc.string({ unit: fc.constantFrom(...edges), maxLength: 3 });
    fc.assert(
      fc.property(texts, texts, texts, (start, left, right) => {
        const bytes = Buffer.compare(Buffer.from(start + left), Buffer.from(start + right));
        assert.equal(Math.sign(compareBytes(start + left, start + right)), bytes);
      }),
    );
  });
});
