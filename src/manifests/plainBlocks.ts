// The YAML that most manifests are written in, read an order of magnitude faster than by a whole YAML reader: block maps
// and lists of scalars on one line. Anything else, or anything in doubt, is undefined and left to the reader in
// `documents.ts`, with which this one agrees to the last range.
import {
  type MappingNode,
  type PlaceOf,
  type ScalarNode,
  type SequenceNode,
  type TreeNode,
  WrittenScalar,
} from './nodes';

/** One per document, none of them empty; undefined when the text is not that plain. */
export function readPlainBlocks(text: string, placeOf: PlaceOf): readonly MappingNode[] | undefined {
  if (text.length > longest || strange.test(text)) return undefined;
  const documents = splitLines(text);
  if (documents === undefined) return undefined;
  const roots: MappingNode[] = [];
  for (const lines of documents) {
    const reading: Reading = { lines, placeOf, at: 0 };
    const root = lines[0]?.indent === 0 ? readMapping(reading, 0) : undefined;
    if (root === undefined || reading.at < lines.length) return undefined;
    roots.push(root);
  }
  return roots;
}

const longest = 1_000_000;
const deepest = 100;
/** Tabs, carriage returns, other control characters, and what Unicode has of spaces and line breaks. */
const strange = /[^\n -~\u00c0-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff]/;

interface Line {
  readonly indent: number;
  /** Of the first character behind the indent, in the text. */
  readonly start: number;
  readonly content: string;
}

interface Reading {
  /** A list item's line is replaced by the rest of itself while the item is read. */
  readonly lines: Line[];
  readonly placeOf: PlaceOf;
  at: number;
}

/** The lines that hold something, document by document. */
function splitLines(text: string): readonly Line[][] | undefined {
  const documents: Line[][] = [];
  let lines: Line[] = [];
  let isOpen = false;
  for (let at = 0; at < text.length; ) {
    const lineEnd = text.indexOf('\n', at);
    const end = lineEnd < 0 ? text.length : lineEnd;
    let start = at;
    while (start < end && text.charCodeAt(start) === space) start += 1;
    const indent = start - at;
    at = end + 1;
    if (start === end || text.charCodeAt(start) === hash) continue;
    const content = text.slice(start, end);
    if (indent > deepest || (indent === 0 && /^(?:%|\.\.\.)/.test(content))) return undefined;
    if (indent > 0 || !content.startsWith('---')) {
      lines.push({ indent, start, content });
      continue;
    }
    if (!/^--- *(?: #.*)?$/.test(content)) return undefined;
    if (lines.length > 0) documents.push(lines);
    else if (isOpen) return undefined;
    lines = [];
    isOpen = true;
  }
  if (lines.length === 0) return undefined;
  documents.push(lines);
  return documents;
}

const space = 0x20;
const hash = 0x23;

const keyed = /^([A-Za-z_][\w./-]{0,200}):(?: +|$)/;
const wordKeys: ReadonlySet<string> = new Set([
  'null',
  'Null',
  'NULL',
  'true',
  'True',
  'TRUE',
  'false',
  'False',
  'FALSE',
]);

function readMapping(reading: Reading, indent: number): MappingNode | undefined {
  const fields = new Map<string, TreeNode>();
  for (let line = reading.lines[reading.at]; line?.indent === indent; line = reading.lines[reading.at]) {
    const match = keyed.exec(line.content);
    const [lead = '', name = ''] = match ?? [];
    if (match === null || fields.has(name) || wordKeys.has(name)) return undefined;
    const rest = line.content.slice(lead.length);
    const value =
      rest === '' || rest.startsWith('#')
        ? readNested(reading, indent, name)
        : readScalar(reading, line.start + lead.length, rest, name);
    if (value === undefined) return undefined;
    fields.set(name, value);
  }
  return isDone(reading, indent) ? { type: 'mapping', fields } : undefined;
}

/** What stands below a key: a list may begin in the key's own column. */
function readNested(reading: Reading, indent: number, field: string): TreeNode | undefined {
  reading.at += 1;
  const below = reading.lines[reading.at];
  if (below === undefined || below.indent < indent) return undefined;
  if (below.content.startsWith('- ')) return readSequence(reading, below.indent, field);
  return below.indent > indent ? readMapping(reading, below.indent) : undefined;
}

function readSequence(reading: Reading, indent: number, field: string): SequenceNode | undefined {
  const items: TreeNode[] = [];
  for (let line = reading.lines[reading.at]; line?.indent === indent; line = reading.lines[reading.at]) {
    const [dash] = /^- +/.exec(line.content) ?? [];
    if (dash === undefined) break;
    const content = line.content.slice(dash.length);
    const start = line.start + dash.length;
    let item: TreeNode | undefined;
    if (keyed.test(content)) {
      reading.lines[reading.at] = { indent: indent + dash.length, start, content };
      item = readMapping(reading, indent + dash.length);
    } else {
      item = readScalar(reading, start, content, field);
    }
    if (item === undefined) return undefined;
    items.push(item);
  }
  return isDone(reading, indent) ? { type: 'sequence', items } : undefined;
}

/** What follows is not deeper: that would be the rest of a text, or a mistake. */
function isDone({ lines, at }: Reading, indent: number): boolean {
  return (lines[at]?.indent ?? -1) <= indent;
}

const quoted = /^(?:'([^']*)'|"([^"\\]*)")(?: *$| +#)/;
/** No indicator in front, no `: ` and no comment within, no colon at the end. */
const plain = /^(?:[A-Za-z0-9_./$+=(<^~\\]|-(?=[^ ]))(?:[^ :#]|[:#](?=[^ ])| (?! *(?:#|$)))*/;

function readScalar(reading: Reading, start: number, rest: string, field: string): ScalarNode | undefined {
  reading.at += 1;
  const quotes = quoted.exec(rest);
  if (quotes !== null) {
    const text = quotes[1] ?? quotes[2] ?? '';
    const parts = { text, value: text, isPlain: false, start, end: start + text.length + 2, field };
    return new WrittenScalar(parts, reading.placeOf);
  }
  const [text = ''] = plain.exec(rest) ?? [];
  if (text === '' || !/^(?: *$| +#)/.test(rest.slice(text.length))) return undefined;
  const value = valueOf(text);
  return value === undefined
    ? undefined
    : new WrittenScalar({ text, value, isPlain: true, start, end: start + text.length, field }, reading.placeOf);
}

/** As YAML's core schema reads it; undefined for a number in any but its simplest form, and for other spellings of words. */
function valueOf(text: string): string | number | boolean | undefined {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^(?:~|null|true|false|[-+]?\.(?:inf|nan))$/i.test(text) || text === '<<') return undefined;
  if (!/^[-+.0-9]/.test(text) || Number.isNaN(Number(text))) return text;
  return /^(?:0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : undefined;
}
