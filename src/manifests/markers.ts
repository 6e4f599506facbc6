// Setter markers, found exactly where image-automation-controller finds them (internal/update/filereader.go, filter.go;
// kyaml fieldmeta.go, kio/byteio_reader.go). A marker in any other place is text: `deadMarkers.ts` says why.
import { isAlias, isMap, isNode, isScalar, isSeq, type YAMLMap, type Document as YamlDocument } from 'yaml';
import type { TextRange } from '../model/text';
import { type Comment, commentOf, type ScalarGap } from './comments';
import { describeScalar, keyText, lineOf, maximumFileSize, parseYaml } from './documents';

export type MarkerPart = 'image' | 'tag' | 'name' | 'digest';

export interface ObjectIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

export interface Marker {
  readonly file: string;
  /** As written: `namespace:policy`, or with `:tag`, `:name`, `:digest` behind. */
  readonly setter: string;
  readonly namespace: string;
  readonly policy: string;
  readonly part: MarkerPart;
  /** The scalar's own text, whatever YAML reads it as. */
  readonly value: string;
  /** Of the scalar, quotes included. */
  readonly range: TextRange;
  /** One-based, of the scalar. */
  readonly line: number;
  readonly isPlain: boolean;
  readonly isBlock: boolean;
  readonly comment: TextRange;
  /** Keys and list indexes from the root of the document. */
  readonly path: readonly (string | number)[];
  readonly documentIndex: number;
  readonly object: ObjectIdentity;
  /** In a `kind: List`: the controller writes a new file beside this one and leaves this one alone. */
  readonly isStray: boolean;
}

/** A scalar that the controller visits, with the comment that it would read. */
export interface VisitedScalar extends Omit<Marker, 'setter' | 'namespace' | 'policy' | 'part' | 'comment'> {
  readonly comment: Comment;
}

/** `filepath.Ext` and `filepath.Base` of the original: case counts, folders and hidden files do not. */
export function isMarkerFile(path: string): boolean {
  const base = path.slice(path.lastIndexOf('/') + 1);
  return base.endsWith('.yaml') || base.endsWith('.yml') || base === 'Kustomization';
}

const token = '"$imagepolicy"';

/** In the order of the file. None when the controller skips the file: other name, no marker text, broken YAML, a top-level list. */
export function findMarkers(file: string, text: string): readonly Marker[] {
  return visitScalars(file, text).flatMap((scalar) => {
    const setter = setterOf(scalar.comment.text);
    const target = setter === undefined ? undefined : parseSetter(setter);
    if (setter === undefined || target === undefined) return [];
    return [{ ...scalar, ...target, setter, comment: scalar.comment.range }];
  });
}

/** The setter that a comment names: its text behind all leading `#` must be one JSON object of strings. */
export function setterOf(comment: string): string | undefined {
  try {
    const fields: unknown = JSON.parse(comment.replace(/^#+/, ''));
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined;
    const entries = Object.entries(fields);
    // Go decodes into map[string]string, where null is the empty string.
    if (!entries.every(([, value]) => typeof value === 'string' || value === null)) return undefined;
    const setter: unknown = Object.hasOwn(fields, '$imagepolicy')
      ? entries.find(([key]) => key === '$imagepolicy')?.[1]
      : undefined;
    return typeof setter === 'string' && setter !== '' ? setter : undefined;
  } catch {
    return undefined; // no JSON: an ordinary comment
  }
}

/** Undefined when no policy could ever have this setter name. */
export function parseSetter(
  setter: string,
): { readonly namespace: string; readonly policy: string; readonly part: MarkerPart } | undefined {
  const [namespace, policy, part, ...rest] = setter.split(':');
  if (!namespace || !policy || rest.length > 0) return undefined;
  if (part === undefined) return { namespace, policy, part: 'image' };
  return part === 'tag' || part === 'name' || part === 'digest' ? { namespace, policy, part } : undefined;
}

/** Every scalar that has a comment and that the controller would look at. */
export function visitScalars(file: string, text: string): readonly VisitedScalar[] {
  if (!isMarkerFile(file) || text.length > maximumFileSize || !text.includes(token)) return [];
  const chunks = splitDocuments(text);
  if (chunks === undefined) return [];
  const scalars: VisitedScalar[] = [];
  for (const [documentIndex, chunk] of chunks.entries()) {
    const document = parseYaml(text.slice(chunk.start, chunk.end))[0];
    if (document === undefined || isEmptyDocument(document)) continue;
    const root = document.contents;
    if (isProblem(document) || !isMap(root)) return [];
    const visit = { file, text, offset: chunk.start, documentIndex, scalars };
    const list = chunks.length === 1 ? itemsOfList(root) : undefined;
    if (list === undefined)
      visitNode(visit, root, { path: [], object: identityOf(root), isStray: false, isInFlow: false, gap: undefined });
    else
      for (const item of list)
        visitNode(visit, item.node, {
          ...item,
          object: identityOf(item.node),
          isStray: true,
          isInFlow: false,
          gap: undefined,
        });
  }
  return scalars;
}

/** Documents as kyaml cuts them; undefined when a separator carries more than a comment, which refuses the whole file. */
export function splitDocuments(text: string): readonly TextRange[] | undefined {
  const chunks: TextRange[] = [];
  let start = 0;
  for (const match of text.matchAll(/\r?\n---([^\n]*)\n/g)) {
    const behind = (match[1] ?? '').trim();
    if (behind !== '' && !behind.startsWith('#')) return undefined;
    chunks.push({ start, end: match.index + (match[0].startsWith('\r') ? 2 : 1) });
    start = match.index + match[0].length;
  }
  if (text !== '') chunks.push({ start, end: text.length });
  return chunks;
}

function isEmptyDocument(document: YamlDocument.Parsed): boolean {
  if (document.errors.length > 0) return false;
  const { contents } = document;
  if (contents === null) return true;
  return isScalar(contents) && contents.value === null;
}

/** Errors that go-yaml 3 does not raise. */
const tolerated: readonly string[] = ['MISSING_CHAR'];

/** The reader sets annotations on every document, which only a mapping with mappings for metadata and annotations can take. */
function isProblem(document: YamlDocument.Parsed): boolean {
  if (document.errors.some((error) => !tolerated.includes(error.code))) return true;
  if (!isMap(document.contents)) return true;
  const metadata = valueOf(document.contents, 'metadata');
  if (metadata === undefined) return false;
  if (!isMap(metadata)) return !isNull(metadata);
  const annotations = valueOf(metadata, 'annotations');
  return annotations !== undefined && !isMap(annotations) && !isNull(annotations);
}

function isNull(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

function valueOf(map: YAMLMap, name: string): unknown {
  return map.items.find(({ key }) => isScalar(key) && keyText(key) === name)?.value ?? undefined;
}

function textOf(map: YAMLMap, name: string): string {
  const value = valueOf(map, name);
  return isScalar(value) && value.value !== null ? describeScalar(value).text : '';
}

function identityOf(node: unknown): ObjectIdentity {
  if (!isMap(node)) return { apiVersion: '', kind: '', name: '', namespace: '' };
  const metadata = valueOf(node, 'metadata');
  const [name, namespace] = isMap(metadata) ? [textOf(metadata, 'name'), textOf(metadata, 'namespace')] : ['', ''];
  return { apiVersion: textOf(node, 'apiVersion'), kind: textOf(node, 'kind'), name, namespace };
}

interface ListItem {
  readonly node: unknown;
  readonly path: readonly (string | number)[];
}

/** The items of a `List` or `ResourceList`, which the reader takes out of their file; undefined for anything else. */
function itemsOfList(root: YAMLMap): readonly ListItem[] | undefined {
  const kind = textOf(root, 'kind');
  const items = valueOf(root, 'items');
  if (kind !== 'List' && kind !== 'ResourceList') return undefined;
  if (items === undefined && valueOf(root, 'functionConfig') === undefined) return undefined;
  return isSeq(items) ? items.items.map((node, index) => ({ node, path: ['items', index] })) : [];
}

interface Visit {
  readonly file: string;
  readonly text: string;
  /** Of the document's text in the file. */
  readonly offset: number;
  readonly documentIndex: number;
  readonly scalars: VisitedScalar[];
}

interface Position {
  readonly path: readonly (string | number)[];
  readonly object: ObjectIdentity;
  readonly isStray: boolean;
  readonly isInFlow: boolean;
  readonly gap: ScalarGap | undefined;
}

function visitNode(visit: Visit, node: unknown, position: Position): void {
  if (isMap(node)) visitMap(visit, node, position);
  else if (isSeq(node)) visitItems(visit, node, position);
  else if (isScalar(node)) visitScalar(visit, node, position);
}

/** Of a repeated key only the first is seen (kyaml RNode.Field). */
function visitMap(visit: Visit, map: YAMLMap, position: Position): void {
  const seen = new Set<string>();
  const isInFlow = position.isInFlow || map.flow === true;
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? keyText(key) : isAlias(key) ? key.source : '';
    if (seen.has(name)) continue;
    seen.add(name);
    const keyEnd = isScalar(key) ? key.range?.[1] : undefined;
    const gap = keyEnd === undefined ? undefined : gapBefore(visit, value, keyEnd, { isAfterKey: true });
    visitNode(visit, value, { ...position, path: [...position.path, name], isInFlow, gap });
  }
}

function visitItems(
  visit: Visit,
  list: {
    readonly items: readonly unknown[];
    readonly flow?: boolean;
    readonly range?: readonly [number, number, number] | null;
  },
  position: Position,
): void {
  const isInFlow = position.isInFlow || list.flow === true;
  const listStart = position.gap?.start ?? (list.range?.[0] ?? 0) + visit.offset;
  let before = isInFlow ? (list.range?.[0] ?? 0) + 1 : listStart - visit.offset;
  let isAfterKey = !isInFlow && position.gap !== undefined;
  for (const [index, item] of list.items.entries()) {
    const gap = gapBefore(visit, item, before, { isAfterKey });
    visitNode(visit, item, { ...position, path: [...position.path, index], isInFlow, gap });
    before = endOf(item) ?? before;
    isAfterKey = false;
  }
}

function endOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[1] : undefined;
}

function gapBefore(
  visit: Visit,
  node: unknown,
  start: number,
  { isAfterKey }: { readonly isAfterKey: boolean },
): ScalarGap | undefined {
  const end = isScalar(node) || isSeq(node) ? node.range?.[0] : undefined;
  if (end === undefined || end < start) return undefined;
  return { start: start + visit.offset, end: end + visit.offset, isAfterKey };
}

function visitScalar(visit: Visit, node: Parameters<typeof describeScalar>[0], position: Position): void {
  const scalar = describeScalar(node);
  const range = { start: scalar.range.start + visit.offset, end: scalar.range.end + visit.offset };
  const comment = commentOf(visit.text, {
    range,
    isBlock: scalar.isBlock,
    isEmpty: range.start === range.end,
    isInFlow: position.isInFlow,
    gap: position.gap,
  });
  if (comment === undefined) return;
  visit.scalars.push({
    file: visit.file,
    value: scalar.text,
    range,
    line: lineOf(visit.text, range.start),
    isPlain: scalar.isPlain,
    isBlock: scalar.isBlock,
    comment,
    path: position.path,
    documentIndex: visit.documentIndex,
    object: position.object,
    isStray: position.isStray,
  });
}
