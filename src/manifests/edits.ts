// Edits that replace the text of scalars and nothing else: comments, quotes, anchors, line ends stay byte for byte.
import type { TextEdit, TextRange } from '../model/text';
import { readsAs } from './yamlTypes';

/** Applies edits of one text, in any order. They must not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const edit of [...edits].sort((a, b) => b.range.start - a.range.start)) {
    result = result.slice(0, edit.range.start) + edit.text + result.slice(edit.range.end);
  }
  return result;
}

/**
 * A new value for the scalar at `range` (quotes included), in the style that it has. A plain scalar gets double quotes
 * where the new value would read as anything but this string; a block scalar becomes one quoted or plain line.
 */
export function editScalar(text: string, range: TextRange, value: string): TextEdit {
  const old = text.slice(range.start, range.end);
  const comment = /^[|>][-+0-9]*([ \t]+#[^\r\n]*)/.exec(old)?.[1] ?? '';
  return { range: withoutLineEnd(text, range), text: writeScalar(old, value, text.charAt(range.start - 1)) + comment };
}

function writeScalar(old: string, value: string, before: string): string {
  if (old.startsWith("'") && isPrintable(value)) return `'${value.replaceAll("'", "''")}'`;
  if (old.startsWith('"')) return JSON.stringify(value);
  const scalar = isSafePlain(value) ? value : JSON.stringify(value);
  return old === '' && !/^[\s]?$/.test(before) ? ` ${scalar}` : scalar;
}

/** A scalar that was not there before: plain where it reads as this very string, else in quotes that keep backslashes. */
export function newScalar(value: string): string {
  if (isSafePlain(value)) return value;
  return isPrintable(value) ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
}

/** A block scalar's range ends with its last line end, which stays. */
function withoutLineEnd(text: string, range: TextRange): TextRange {
  const old = text.slice(range.start, range.end);
  const lineEnd = /(?:\r?\n)+$/.exec(old);
  return /^[|>]/.test(old) && lineEnd !== null ? { start: range.start, end: range.start + lineEnd.index } : range;
}

function isPrintable(value: string): boolean {
  return !/[\u0000-\u001f\u007f-\u009f]/.test(value);
}

/** Reads as this very string under YAML 1.1 and 1.2, in block and flow collections. */
export function isSafePlain(value: string): boolean {
  return (
    /^[A-Za-z0-9_./$^][A-Za-z0-9_./$^@+:~=-]*$/.test(value) &&
    !value.endsWith(':') &&
    readsAs(value) === 'string' &&
    isCoreString(value)
  );
}

/** YAML 1.2 core reads some texts as numbers that YAML 1.1 does not. */
function isCoreString(value: string): boolean {
  return !/^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?)$/.test(value);
}
