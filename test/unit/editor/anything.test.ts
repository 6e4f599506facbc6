// Whatever is typed, and wherever somebody points: an answer or none, never an exception, and ranges within the text.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { editSilence } from '../../../src/checks/silence';
import { findChoices } from '../../../src/editor/language/choices';
import { describeSpot } from '../../../src/editor/language/hoverWords';
import { listPolicies, previewPolicy } from '../../../src/editor/language/selection';
import { findSpot } from '../../../src/editor/language/spot';
import { now } from '../fleet/shop';
import { openDesk } from './pointing';

const desk = openDesk();
const pieces = [
  '',
  ' ',
  '\n',
  '[',
  '{',
  '"',
  "'",
  '#',
  '$',
  ':',
  '- ',
  '&a ',
  '*a',
  '|',
  '`',
  '(',
  ')',
  '\\',
  '\u0000',
  '\ud800',
  '\r\n',
  '---\n',
  '  ',
];

const typing = fc
  .record({
    file: fc.constantFrom(...Object.keys(desk.files)),
    start: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(40),
    typed: fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((parts) => parts.join('')),
    point: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ file, start, length, typed, point }) => {
    const before = desk.files[file] ?? '';
    const at = Math.floor(start * before.length);
    const text = before.slice(0, at) + typed + before.slice(at + length);
    return { file, text, offset: Math.floor(point * text.length) };
  });

function assertWithin(range: { readonly start: number; readonly end: number } | undefined, text: string): void {
  if (range === undefined) return;
  assert.ok(range.start >= 0 && range.start <= range.end && range.end <= text.length, JSON.stringify(range));
}

describe('anything that is typed', () => {
  it('is pointed at', () => {
    fc.assert(
      fc.property(typing, ({ file, text, offset }) => {
        const spot = findSpot(desk.repository, { file, text, offset });
        assertWithin(spot?.range, text);
        if (spot !== undefined) describeSpot(spot, { repository: desk.repository, live: desk.live, now });
      }),
      { numRuns: 300 },
    );
  });

  it('is completed around the cursor', () => {
    fc.assert(
      fc.property(typing, ({ file, text, offset }) => {
        const found = findChoices(desk.repository, { file, text, offset });
        assertWithin(found?.range, text);
        if (found !== undefined) assert.ok(found.range.start <= offset && offset <= found.range.end);
      }),
      { numRuns: 300 },
    );
  });

  it('selects something or says why not', () => {
    fc.assert(
      fc.property(typing, ({ file, text }) => {
        for (const { policy, start } of listPolicies(desk.repository, file, text)) {
          assertWithin({ start, end: start }, text);
          assert.notEqual(previewPolicy(desk.repository, policy, desk.live?.facts).text, '');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has room for a silencing comment, or not', () => {
    fc.assert(
      fc.property(typing, ({ file, text, offset }) => {
        const edit = editSilence(file, text, { rule: 'keys-collide', range: { start: offset, end: offset } });
        assertWithin(edit?.range, text);
      }),
      { numRuns: 300 },
    );
  });
});
