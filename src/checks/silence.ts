import { parseDocuments } from '../manifests/documents';
import { findMarkers } from '../manifests/markers';
import type { Finding } from '../model/finding';
import type { TextEdit } from '../model/text';
import { silencingComment } from './silenced';

/**
 * The comment that silences a finding, on the line above it, or behind the ids of the comment that stands there.
 * Undefined where a comment would change what the file says: inside a text, or between a marker and its scalar.
 */
export function editSilence(
  file: string,
  text: string,
  { rule, range }: Pick<Finding, 'rule' | 'range'>,
): TextEdit | undefined {
  const edit = editAbove(text, rule, text.lastIndexOf('\n', range.start - 1) + 1);
  const after = text.slice(0, edit.range.start) + edit.text + text.slice(edit.range.end);
  return meaningOf(file, text) === meaningOf(file, after) ? edit : undefined;
}

function editAbove(text: string, rule: Finding['rule'], lineStart: number): TextEdit {
  const above = text.slice(text.lastIndexOf('\n', lineStart - 2) + 1, Math.max(lineStart - 1, 0)).replace(/\r$/, '');
  if (new RegExp(`^\\s*#\\s*${silencingComment}\\s+[a-z]`).test(above)) {
    const kept = above.trimEnd();
    const end = text.lastIndexOf(above, lineStart - 1) + kept.length;
    return { range: { start: end, end }, text: `, ${rule}` };
  }
  const indent = /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? '';
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  return {
    range: { start: lineStart, end: lineStart },
    text: `${indent}# ${silencingComment} ${rule}${lineEnd}`,
  };
}

function meaningOf(file: string, text: string): string {
  const { documents } = parseDocuments(file, text);
  const markers = findMarkers(file, text).map(({ setter, value, path, documentIndex }) => [
    setter,
    value,
    path,
    documentIndex,
  ]);
  return JSON.stringify([documents.map(({ value }) => value ?? null), markers]);
}
