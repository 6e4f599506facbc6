// Edits that set or remove one field of one document: the scalar's text where it stands already, a new line where it does not.
// Whatever they touch is parsed again and compared: nothing but that field may read otherwise.
import { isMap, isNode, isScalar, type Node, type Pair, type YAMLMap } from 'yaml';
import type { TextEdit } from '../model/text';
import { canonicalText } from './canonical';
import { nodeAt, type ParsedDocument, parseDocuments, scalarAt } from './documents';
import { applyEdits, editScalar, isSafePlain, newScalar } from './edits';
import { isFields } from './fields';
import { keyText } from './scalars';

/** Undefined removes the field, and what it leaves empty. */
export type FieldValue = string | boolean | undefined;

/** In one document of a file. Keys from its root; undefined when it cannot be done safely or when nothing would change. */
export function editField(
  text: string,
  documentIndex: number,
  path: readonly [string, ...string[]],
  value: FieldValue,
): TextEdit | undefined {
  const document = parseDocuments('', text).documents[documentIndex];
  if (document?.value === undefined) return undefined;
  const edit = value === undefined ? removeField(text, document, path) : setField(text, document, path, value);
  return edit !== undefined && changesOnly(text, applyEdits(text, [edit]), documentIndex, path, value)
    ? edit
    : undefined;
}

function setField(
  text: string,
  document: ParsedDocument,
  path: readonly string[],
  value: string | boolean,
): TextEdit | undefined {
  const scalar = scalarAt(document, path);
  if (scalar !== undefined) {
    return typeof value === 'string'
      ? editScalar(text, scalar.range, value)
      : { range: scalar.range, text: String(value) };
  }
  // The deepest mapping that is there takes the rest as new lines.
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    const map = depth === 0 ? document.yaml.contents : nodeAt(document, path.slice(0, depth));
    if (isMap(map)) return insertFields(text, map, path.slice(depth), value);
    if (map !== undefined && !(isScalar(map) && map.value === null)) return undefined;
  }
  return undefined;
}

function insertFields(
  text: string,
  map: YAMLMap,
  keys: readonly string[],
  value: string | boolean,
): TextEdit | undefined {
  const last = map.items.at(-1);
  const written = typeof value === 'string' ? newScalar(value) : String(value);
  if (map.flow === true) {
    const start = map.range?.[0];
    const end = endOf(last);
    const inner = keys.reduceRight((rest, key) => `{${keyOf(key)}: ${rest}}`, written).slice(1, -1);
    if (start === undefined) return undefined;
    return end === undefined ? insertAt(start + 1, inner) : insertAt(end, `, ${inner}`);
  }
  const start = map.range?.[0];
  if (start === undefined || last === undefined) return undefined;
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  if (!/^ *$/.test(indent)) return undefined;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = keys.map((key, depth) => `${newline}${indent}${'  '.repeat(depth)}${keyOf(key)}:`).join('');
  const content = text.slice(0, map.range?.[1] ?? text.length).trimEnd().length;
  return insertAt(endOfLine(text, content), `${lines} ${written}`);
}

function insertAt(at: number, text: string): TextEdit {
  return { range: { start: at, end: at }, text };
}

/** With the line that it stands on; a mapping that would be empty then goes with it. */
function removeField(text: string, document: ParsedDocument, path: readonly string[]): TextEdit | undefined {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent = depth === 1 ? document.yaml.contents : nodeAt(document, path.slice(0, depth - 1));
    if (!isMap(parent)) return undefined;
    const pair = parent.items.find(({ key }) => isScalar(key) && keyText(key) === path[depth - 1]);
    if (pair === undefined) return undefined;
    if (parent.items.length === 1 && depth > 1) continue;
    return parent.flow === true ? removeFlow(parent, pair) : removeLines(text, pair);
  }
  return undefined;
}

function removeLines(text: string, pair: Pair): TextEdit | undefined {
  const start = startOf(pair);
  const end = endOf(pair);
  if (start === undefined || end === undefined) return undefined;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  if (!/^ *$/.test(text.slice(lineStart, start))) return undefined;
  const lineEnd = text.indexOf('\n', text.slice(0, end).trimEnd().length);
  // The last line of a file without a line end takes the one before it along.
  if (lineEnd < 0) return { range: { start: Math.max(0, lineStart - 1), end: text.length }, text: '' };
  return { range: { start: lineStart, end: lineEnd + 1 }, text: '' };
}

function removeFlow(parent: YAMLMap, pair: Pair): TextEdit | undefined {
  const at = parent.items.indexOf(pair);
  const [start, end] = [startOf(pair), endOf(pair)];
  if (start === undefined || end === undefined) return undefined;
  const next = parent.items[at + 1];
  if (next !== undefined) return { range: { start, end: startOf(next) ?? end }, text: '' };
  const before = parent.items[at - 1];
  return { range: { start: endOf(before) ?? start, end }, text: '' };
}

function startOf({ key }: Pair): number | undefined {
  return isScalar(key) ? key.range?.[0] : undefined;
}

function endOf(pair: Pair | undefined): number | undefined {
  if (pair === undefined) return undefined;
  const node: unknown = isNode(pair.value) ? pair.value : pair.key;
  return isNode(node) ? (node as Node).range?.[1] : undefined;
}

function keyOf(key: string): string {
  return isSafePlain(key) ? key : JSON.stringify(key);
}

function endOfLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  if (newline < 0) return text.length;
  return text.charAt(newline - 1) === '\r' && newline > offset ? newline - 1 : newline;
}

function changesOnly(
  before: string,
  after: string,
  documentIndex: number,
  path: readonly string[],
  value: FieldValue,
): boolean {
  const [old, now] = [before, after].map((text) => parseDocuments('', text));
  if (old === undefined || now === undefined || now.problems.length > 0) return false;
  const wanted = old.documents.map((document) =>
    document.index === documentIndex ? withField(document.value, path, value) : document.value,
  );
  return canonicalText(wanted) === canonicalText(now.documents.map((document) => document.value));
}

function withField(node: unknown, [key = '', ...rest]: readonly string[], value: FieldValue): unknown {
  const { [key]: child, ...others } = isFields(node) ? node : {};
  const inner = rest.length === 0 ? value : withField(child, rest, value);
  const isGone = inner === undefined || (value === undefined && Object.keys(Object(inner)).length === 0);
  return isGone ? others : { ...others, [key]: inner };
}
