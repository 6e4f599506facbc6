// A file as image-automation-controller's reader takes it in (internal/update/filereader.go, kyaml kio/byteio_reader.go):
// which files it opens, how it cuts them into documents, and what makes it skip a whole file without a word.
import {
  isMap,
  isScalar,
  isSeq,
  visit,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
  type Document as YamlDocument,
} from 'yaml';
import { maximumFileSize, parseYaml } from './documents';
import { describeScalar, keyText } from './scalars';
import { splitDocuments } from './splitDocuments';

/** Why the controller never looks into a file. */
export type SkippedBecause =
  | 'file-name'
  | 'no-marker'
  | 'too-large'
  | 'separator'
  | 'broken'
  | 'top-level-list'
  | 'metadata';

/** One object to visit: a document, or an item of a list document. */
export interface MarkerDocument {
  /** Of the document's text in the file. */
  readonly offset: number;
  readonly documentIndex: number;
  readonly node: unknown;
  readonly path: readonly (string | number)[];
  readonly isStray: boolean;
}

export interface MarkerFile {
  /** Empty when the file is skipped. */
  readonly parts: readonly MarkerDocument[];
  readonly skipped?: SkippedBecause;
}

/** `filepath.Ext` and `filepath.Base` of the original: case counts, folders and hidden files do not. */
export function isMarkerFile(path: string): boolean {
  const base = path.slice(path.lastIndexOf('/') + 1);
  return base.endsWith('.yaml') || base.endsWith('.yml') || base === 'Kustomization';
}

const token = '"$imagepolicy"';

export function readMarkerFile(file: string, text: string): MarkerFile {
  const skip = (skipped: SkippedBecause): MarkerFile => ({ parts: [], skipped });
  if (!isMarkerFile(file)) return skip('file-name');
  if (!text.includes(token)) return skip('no-marker');
  if (text.length > maximumFileSize) return skip('too-large');
  const chunks = splitDocuments(text);
  if (chunks === undefined) return skip('separator');
  const parts: MarkerDocument[] = [];
  for (const chunk of chunks) {
    const chunkText = text.slice(chunk.start, chunk.end);
    if (isCutByGo(chunkText)) return skip('broken');
    const document = parseYaml(chunkText)[0];
    if (document === undefined || isEmptyDocument(document)) continue;
    const skipped = whySkipped(document, chunkText);
    if (skipped !== undefined) return skip(skipped);
    const whole = {
      offset: chunk.start,
      documentIndex: chunk.index,
      node: document.contents,
      path: [],
      isStray: false,
    };
    const items = chunks.length === 1 && isMap(document.contents) ? itemsOfList(document.contents) : undefined;
    if (items === undefined) parts.push(whole);
    else parts.push(...items.map((node, index) => ({ ...whole, node, path: ['items', index], isStray: true })));
  }
  return { parts };
}

/**
 * The reader cuts before it parses. A directive or an end mark is cut off from the document that YAML asks for behind it, and
 * go-yaml 3 begins no block mapping on the line of a separator.
 */
function isCutByGo(text: string): boolean {
  const lines = text.split('\n').filter((line) => !/^\s*(?:#.*)?$/.test(line));
  const [first = ''] = lines;
  if (/^---[ \t]+[^\s#{[|>"'&!][^#]*:(?:\s|$)/.test(first)) return true;
  return lines.length > 0 && lines.every((line) => line.startsWith('%') || /^\.\.\.\s*$/.test(line));
}

function isEmptyDocument(document: YamlDocument.Parsed): boolean {
  if (document.errors.length > 0) return false;
  const { contents } = document;
  if (contents === null) return true;
  return isScalar(contents) && contents.value === null;
}

/** go-yaml 3 wants no blank before a comment; the yaml package reports the comment that lacks one. */
function isToleratedByGo({ code, pos }: YAMLError, text: string): boolean {
  return code === 'MISSING_CHAR' && text[pos[0]] === '#';
}

/** The reader sets annotations on every document, which only a mapping with mappings for metadata and annotations can take. */
function whySkipped(document: YamlDocument.Parsed, text: string): SkippedBecause | undefined {
  if (document.errors.some((error) => !isToleratedByGo(error, text)) || isRefusedByGo(document, text)) return 'broken';
  if (!isMap(document.contents)) return isSeq(document.contents) ? 'top-level-list' : 'broken';
  const metadata = valueOf(document.contents, 'metadata');
  if (metadata === undefined || isNull(metadata)) return undefined;
  if (!isMap(metadata)) return 'metadata';
  const annotations = valueOf(metadata, 'annotations');
  return isSeq(annotations) && annotations.items.length > 0 ? 'metadata' : undefined;
}

/**
 * What go-yaml 3 refuses and the yaml package does not: YAML 1.2 by name, control characters, tabs where a token may
 * begin, a block value without a key, an alias before its anchor.
 */
function isRefusedByGo(document: YamlDocument.Parsed, text: string): boolean {
  if (hasRefusedDirective(text) || /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)) return true;
  const tabs = [...text.matchAll(/^ *\t[ \t]*(?=\r?$|#)/gm)].map((match) => match.index);
  const anchors = new Set<string>();
  let isRefused = false;
  const covered: (readonly [number, number, number])[] = [];
  visit(document, {
    Node: (_, node) => {
      if ('anchor' in node && node.anchor !== undefined) anchors.add(node.anchor);
      if (
        tabs.length > 0 &&
        node.range &&
        (isScalar(node) || (isSeq(node) && node.flow) || (isMap(node) && node.flow))
      ) {
        covered.push(node.range);
      }
      if (isSeq(node) && dashesOf(node).some((dash) => /^- *\t/.test(text.slice(dash, dash + 80)))) isRefused = true;
    },
    Pair: (_, { key, value }, path) => {
      const map = path.at(-1);
      const isBlock = !isMap(map) || map.flow !== true;
      if (isBlock && isScalar(key) && key.value === null && key.source === '' && value !== null) isRefused = true;
    },
    Alias: (_, { source }) => {
      if (!anchors.has(source)) isRefused = true;
    },
  });
  return isRefused || tabs.some((tab) => !covered.some(([start, end]) => start <= tab && tab < end));
}

/** Directives stand before the content, among comments and blank lines. */
function hasRefusedDirective(text: string): boolean {
  for (let start = 0; start < text.length; start = text.indexOf('\n', start) + 1) {
    const newline = text.indexOf('\n', start);
    const line = text.slice(start, newline < 0 ? text.length : newline);
    if (line.startsWith('%') && !/^%(?:YAML 1\.1\b|TAG )/.test(line)) return true;
    if (newline < 0 || (!/^[%#]/.test(line) && line.trim() !== '')) return false;
  }
  return false;
}

function isNull(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

export function valueOf(map: YAMLMap, name: string): unknown {
  return map.items.find(({ key }) => isScalar(key) && keyText(key) === name)?.value ?? undefined;
}

export function textOf(map: YAMLMap, name: string): string {
  const value = valueOf(map, name);
  return isScalar(value) && value.value !== null ? describeScalar(value).text : '';
}

/** The items of a `List` or `ResourceList`, which the reader takes out of their file; undefined for anything else. */
function itemsOfList(root: YAMLMap): readonly unknown[] | undefined {
  const kind = textOf(root, 'kind');
  const items = valueOf(root, 'items');
  if (kind !== 'List' && kind !== 'ResourceList') return undefined;
  if (items === undefined && valueOf(root, 'functionConfig') === undefined) return undefined;
  return isSeq(items) ? items.items : [];
}

/** Offsets of the `-` of each item; none in a flow list. */
export function dashesOf(list: YAMLSeq): readonly number[] {
  const source = list.srcToken;
  if (source?.type !== 'block-seq') return [];
  return source.items.flatMap(({ start }) => start.find(({ type }) => type === 'seq-item-ind')?.offset ?? []);
}
