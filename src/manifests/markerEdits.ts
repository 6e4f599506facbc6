// Markers taken from a line and put back on it. What comes out is read again: the marker must be gone or there, and no other
// one may have changed.
import type { TextRange } from '../model/text';
import { applyEdits, editScalar } from './edits';
import { findMarkers } from './markers';

export interface LineEdit {
  readonly range: TextRange;
  /** The new scalar. */
  readonly value: string;
  /** Of the marker that goes with this edit; the scalar alone changes without it. */
  readonly dropped?: TextRange;
}

/** New scalars, and their markers dropped where asked. Undefined where a marker does not stand behind its scalar. */
export function editLines(text: string, lines: readonly LineEdit[]): string | undefined {
  const edits = [];
  for (const { range, value, dropped } of lines) {
    edits.push(editScalar(text, range, value));
    if (dropped === undefined) continue;
    const between = text.slice(range.end, dropped.start);
    if (!/^[ \t]+$/.test(between)) return undefined;
    edits.push({ range: { start: range.end, end: dropped.end }, text: '' });
  }
  return applyEdits(text, edits);
}

/** The marker behind the scalar, in the form that everybody writes. Undefined where a comment stands there already. */
export function editMarker(file: string, text: string, range: TextRange, setter: string): string | undefined {
  const lineEnd = /\r?\n|$/.exec(text.slice(range.end))?.index ?? 0;
  if (text.slice(range.end, range.end + lineEnd).trim() !== '') return undefined;
  const comment = ` # {"$imagepolicy": ${JSON.stringify(setter)}}`;
  const after = applyEdits(text, [{ range: { start: range.end, end: range.end + lineEnd }, text: comment }]);
  const isThere = findMarkers(file, after).some((one) => one.setter === setter && one.range.start === range.start);
  return isThere ? after : undefined;
}
