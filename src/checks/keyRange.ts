import type { TextRange } from '../model/text';

/** The range of an unquoted key whose value begins on the same line; undefined where it stands otherwise. */
export function keyRange(text: string, key: string, value: TextRange): TextRange | undefined {
  const lead = text.slice(text.lastIndexOf('\n', value.start - 1) + 1, value.start);
  const start = lead.lastIndexOf(key);
  if (start < 0 || !/^\s*:\s*$/.test(lead.slice(start + key.length))) return undefined;
  const from = value.start - lead.length + start;
  return { start: from, end: from + key.length };
}
