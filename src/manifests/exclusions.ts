// Patterns into an ImageRepository's `spec.exclusionList` and out of it again, in the style that the list has.
import { isMap, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import type { TextEdit } from '../model/text';
import { canonicalText } from './canonical';
import { nodeAt, type ParsedDocument, parseDocuments, rangeAt } from './documents';
import { applyEdits } from './edits';
import { editField } from './fieldEdits';
import { at, listAt } from './fields';
import { defaultExclusionList } from './fluxObjects';

/** Flux's own limit (CRD, `maxItems`). */
export const maximumExclusions = 25;

/**
 * Adds patterns that are not there yet, in one edit; an absent list begins with Flux's default, which a list replaces.
 * Undefined when the document is no ImageRepository with a `spec` that can be edited, or when there is nothing to add.
 */
export function editExclusionList(
  text: string,
  documentIndex: number,
  patterns: readonly string[],
): readonly TextEdit[] | undefined {
  const document = parseDocuments('', text).documents[documentIndex];
  const list = document === undefined ? undefined : nodeAt(document, ['spec', 'exclusionList']);
  const existing = listAt(document?.value, 'spec', 'exclusionList');
  const start = existing.length === 0 ? [...defaultExclusionList] : [];
  const added = [...start, ...patterns].filter(
    (pattern, index, all) => !existing.includes(pattern) && all.indexOf(pattern) === index,
  );
  if (document === undefined || at(document.value, 'kind') !== 'ImageRepository' || added.length === 0)
    return undefined;
  const edit =
    isSeq(list) && list.items.length > 0 ? appendItems(text, list, added) : insertList(text, document, added);
  if (edit === undefined) return undefined;
  return isRight(applyEdits(text, [edit]), document, documentIndex, [...existing, ...added]) ? [edit] : undefined;
}

/**
 * The text without these patterns; without the list itself where nothing but Flux's default would be left, which is what a
 * missing list means. Undefined when none of them is there, or when it cannot be done safely.
 */
export function editOutExclusions(
  text: string,
  documentIndex: number,
  patterns: readonly string[],
): string | undefined {
  const document = parseDocuments('', text).documents[documentIndex];
  if (document === undefined || at(document.value, 'kind') !== 'ImageRepository') return undefined;
  const existing = listAt(document.value, 'spec', 'exclusionList');
  const kept = existing.filter((pattern) => !patterns.some((one) => one === pattern));
  if (kept.length === existing.length) return undefined;
  if (kept.every((pattern) => defaultExclusionList.some((one) => one === pattern))) {
    const edit = editField(text, documentIndex, ['spec', 'exclusionList'], undefined);
    return edit && applyEdits(text, [edit]);
  }
  const list = nodeAt(document, ['spec', 'exclusionList']);
  if (!isSeq(list)) return undefined;
  const gone = existing.flatMap((pattern, index) => (kept.includes(pattern) ? [] : [index]));
  const edits = gone.map((index) => removeItem(text, list, index));
  if (!edits.every((edit) => edit !== undefined)) return undefined;
  const after = applyEdits(text, edits);
  return isRight(after, document, documentIndex, kept) ? after : undefined;
}

/** With its line; in a flow list with the comma before it, or behind it where it is the first. */
function removeItem(text: string, list: YAMLSeq, index: number): TextEdit | undefined {
  const [before, own, next] = [index - 1, index, index + 1].map((position) => rangeOf(list.items[position]));
  if (own === undefined) return undefined;
  if (list.flow === true) {
    const range =
      before === undefined ? { start: own.start, end: next?.start ?? own.end } : { start: before.end, end: own.end };
    return { range, text: '' };
  }
  const start = text.lastIndexOf('\n', own.start) + 1;
  if (!/^ *- +$/.test(text.slice(start, own.start))) return undefined;
  const end = text.indexOf('\n', own.end);
  return { range: { start, end: end < 0 ? text.length : end + 1 }, text: '' };
}

function rangeOf(node: unknown): { readonly start: number; readonly end: number } | undefined {
  const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) ? { start: Number(range[0]), end: Number(range[1]) } : undefined;
}

/** Nothing but the list may have changed. */
function isRight(after: string, before: ParsedDocument, documentIndex: number, wanted: readonly unknown[]): boolean {
  const parsed = parseDocuments('', after);
  const value = parsed.documents[documentIndex]?.value;
  if (parsed.problems.length > 0) return false;
  return canonicalText(withList(value, wanted)) === canonicalText(value) && sameButList(value, before.value);
}

function withList(value: unknown, list: readonly unknown[]): unknown {
  const spec = at(value, 'spec');
  return { ...Object(value), spec: { ...Object(spec), exclusionList: list } };
}

function sameButList(a: unknown, b: unknown): boolean {
  return canonicalText(withList(a, [])) === canonicalText(withList(b, []));
}

function appendItems(text: string, list: YAMLSeq, patterns: readonly string[]): TextEdit | undefined {
  const last = rangeOf(list.items.at(-1));
  if (last === undefined) return undefined;
  const { start, end } = last;
  const write = writerLike(text.slice(start, end));
  if (list.flow === true) {
    return { range: { start: end, end }, text: patterns.map((pattern) => `, ${write(pattern)}`).join('') };
  }
  const dash = text.lastIndexOf('-', start);
  const indent = text.slice(text.lastIndexOf('\n', dash) + 1, dash);
  const gap = text.slice(dash + 1, start);
  if (!/^ *$/.test(indent) || !/^ +$/.test(gap)) return undefined;
  const newline = lineEndOf(text);
  const at = endOfLine(text, end);
  const lines = patterns.map((pattern) => `${newline}${indent}-${gap}${write(pattern)}`).join('');
  return { range: { start: at, end: at }, text: lines };
}

/** As the last field of `spec`, under the indentation of its first, lists indented as the document does elsewhere. */
function insertList(text: string, document: ParsedDocument, patterns: readonly string[]): TextEdit | undefined {
  const spec = nodeAt(document, ['spec']);
  if (!isMap(spec) || spec.flow === true) return undefined;
  const newline = lineEndOf(text);
  const listed = rangeAt(document, ['spec', 'exclusionList']);
  const body = (indent: string): string =>
    patterns.map((pattern) => `${newline}${indent}  - ${quote(pattern)}`).join('');
  const indent = indentOf(text, spec);
  if (indent === undefined) return undefined;
  if (listed !== undefined) return replaceEmpty(text, listed, body(indent));
  const end = lastContentOf(text, spec);
  return { range: { start: end, end }, text: `${newline}${indent}exclusionList:${body(indent)}` };
}

/** `[]`, `null` or nothing behind the key. */
function replaceEmpty(text: string, listed: { readonly start: number; readonly end: number }, body: string): TextEdit {
  const start = text.lastIndexOf(':', listed.start) + 1;
  return { range: { start, end: Math.max(start, listed.end) }, text: body };
}

function indentOf(text: string, spec: YAMLMap): string | undefined {
  const start = spec.range?.[0];
  if (start === undefined) return undefined;
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return /^ +$/.test(indent) ? indent : undefined;
}

/** The end of the line on which the last value of a block mapping stands, its comment included. */
function lastContentOf(text: string, spec: YAMLMap): number {
  const end = spec.range?.[1] ?? text.length;
  const content = text.slice(0, end).trimEnd().length;
  return endOfLine(text, content);
}

function endOfLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  if (newline < 0) return text.length;
  return text.charAt(newline - 1) === '\r' && newline > offset ? newline - 1 : newline;
}

function lineEndOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** In the quotes of the neighbour; patterns are never plain, since a backslash or a bracket may mean something there. */
function writerLike(neighbour: string): (pattern: string) => string {
  return neighbour.startsWith('"') ? (pattern) => JSON.stringify(pattern) : quote;
}

function quote(pattern: string): string {
  return `'${pattern.replaceAll("'", "''")}'`;
}
