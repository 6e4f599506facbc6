// Setter markers, found exactly where image-automation-controller finds them (internal/update/filereader.go, filter.go;
// kyaml fieldmeta.go, kio/byteio_reader.go). A marker in any other place is text: `deadMarkers.ts` says why.
import { isAlias, isMap, isNode, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import type { TextRange } from '../model/text';
import { type Comment, commentOf, type ScalarGap } from './comments';
import { lineCounter } from './documents';
import { dashesOf, isMarkerFile, type MarkerDocument, readMarkerFile, textOf, valueOf } from './markerFile';
import { fieldOf, fieldText, type MappingNode, type TreeNode, WrittenScalar } from './nodes';
import { readPlainBlocks } from './plainBlocks';
import { describeScalar, keyText } from './scalars';
import { splitDocuments } from './splitDocuments';

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

/**
 * In the order of the file. None when the controller skips the file: other name, no marker text, broken YAML, a top-level
 * list. `documents` is what `readPlainBlocks` made of the text, where that is at hand.
 */
export function findMarkers(file: string, text: string, documents?: readonly MappingNode[]): readonly Marker[] {
  return markersAmong(visitPlain(file, text, documents) ?? visitParts(file, text, readMarkerFile(file, text).parts));
}

/**
 * The scalars with a marker behind them in a file of one plain document, without a whole YAML reader: that is how nearly
 * every marker stands. Undefined where anything is in doubt, such as a marker on a line of its own.
 */
function visitPlain(
  file: string,
  text: string,
  documents?: readonly MappingNode[],
): readonly VisitedScalar[] | undefined {
  const tokens = text.split('"$imagepolicy"').length - 1;
  if (tokens === 0 || !isMarkerFile(file)) return undefined;
  const chunks = splitDocuments(text);
  const lineAt = lineCounter(text);
  const roots = documents ?? readPlainBlocks(text, (start, end) => ({ file, range: { start, end }, line: 0 }));
  const [root] = roots ?? [];
  const [chunk] = chunks ?? [];
  if (root === undefined || chunk === undefined || roots?.length !== 1 || chunks?.length !== 1) return undefined;
  const metadata = root.fields.get('metadata');
  if (root.fields.has('items') || (metadata !== undefined && metadata.type !== 'mapping')) return undefined;
  if (fieldOf(metadata, 'annotations')?.type === 'sequence') return undefined;
  const object = {
    apiVersion: fieldText(root, 'apiVersion'),
    kind: fieldText(root, 'kind'),
    name: fieldText(root, 'metadata', 'name'),
    namespace: fieldText(root, 'metadata', 'namespace'),
  };
  const scalars: VisitedScalar[] = [];
  const visit = (node: TreeNode, path: readonly (string | number)[]): void => {
    if (node.type === 'mapping') for (const [name, value] of node.fields) visit(value, [...path, name]);
    else if (node.type === 'sequence') for (const [index, item] of node.items.entries()) visit(item, [...path, index]);
    else if (node instanceof WrittenScalar) {
      const range = { start: node.start, end: node.end };
      const place = { range, isBlock: false, isEmpty: false, isInFlow: false, gap: undefined };
      const comment = commentOf(text, place);
      if (comment?.text.includes('"$imagepolicy"') !== true) return;
      const { text: value, isPlain } = node;
      const of = { file, value, range, line: lineAt(range.start), isPlain, isBlock: false, comment, path, object };
      scalars.push({ ...of, documentIndex: chunk.index, isStray: false });
    }
  };
  visit(root, []);
  const found = scalars.reduce((sum, { comment }) => sum + comment.text.split('"$imagepolicy"').length - 1, 0);
  return found === tokens ? scalars : undefined;
}

export function markersAmong(scalars: readonly VisitedScalar[]): readonly Marker[] {
  return scalars.flatMap((scalar) => {
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
    return typeof setter === 'string' && setter !== '' ? unescapeReference(setter) : undefined;
  } catch {
    return undefined; // no JSON: an ordinary comment
  }
}

/** The controller makes a reference of it (`#/definitions/io.k8s.cli.setters.…`), in which `%3A` is a colon. */
function unescapeReference(setter: string): string {
  if (!setter.includes('%')) return setter;
  try {
    return decodeURIComponent(setter);
  } catch {
    return setter; // no reference, and with its `%` no policy's name either
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
export function visitParts(file: string, text: string, parts: readonly MarkerDocument[]): readonly VisitedScalar[] {
  const scalars: VisitedScalar[] = [];
  const lineAt = lineCounter(text);
  for (const { offset, documentIndex, node, path, isStray } of parts) {
    const walk = { file, text, offset, documentIndex, scalars, lineAt };
    visitNode(walk, node, { path, object: identityOf(node), isStray, isInFlow: false, gap: undefined });
  }
  return scalars;
}

function identityOf(node: unknown): ObjectIdentity {
  if (!isMap(node)) return { apiVersion: '', kind: '', name: '', namespace: '' };
  const metadata = valueOf(node, 'metadata');
  const [name, namespace] = isMap(metadata) ? [textOf(metadata, 'name'), textOf(metadata, 'namespace')] : ['', ''];
  return { apiVersion: textOf(node, 'apiVersion'), kind: textOf(node, 'kind'), name, namespace };
}

interface Walk {
  readonly file: string;
  readonly text: string;
  /** Of the document's text in the file. */
  readonly offset: number;
  readonly documentIndex: number;
  readonly scalars: VisitedScalar[];
  readonly lineAt: (offset: number) => number;
}

interface Position {
  readonly path: readonly (string | number)[];
  readonly object: ObjectIdentity;
  readonly isStray: boolean;
  readonly isInFlow: boolean;
  readonly gap: ScalarGap | undefined;
}

function visitNode(walk: Walk, node: unknown, position: Position): void {
  if (isMap(node)) visitMap(walk, node, position);
  else if (isSeq(node)) visitItems(walk, node, position);
  else if (isScalar(node)) visitScalar(walk, node, position);
}

/** Of a repeated key only the first is seen (kyaml RNode.Field). */
function visitMap(walk: Walk, map: YAMLMap, position: Position): void {
  const seen = new Set<string>();
  const isInFlow = position.isInFlow || map.flow === true;
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? keyText(key) : isAlias(key) ? key.source : '';
    if (seen.has(name)) continue;
    seen.add(name);
    const keyEnd = isScalar(key) ? key.range?.[1] : undefined;
    const indent = isScalar(key) && !isInFlow ? columnOf(walk, key.range?.[0] ?? 0) : 0;
    const gap =
      keyEnd === undefined ? undefined : gapBefore(walk, value, keyEnd, undefined, { isAfterKey: true, indent });
    visitNode(walk, value, { ...position, path: [...position.path, name], isInFlow, gap });
  }
}

function visitItems(walk: Walk, list: YAMLSeq, position: Position): void {
  const isInFlow = position.isInFlow || list.flow === true;
  const dashes = dashesOf(list);
  let before = (list.range?.[0] ?? 0) + (list.flow === true ? 1 : 0);
  let indent = position.gap?.indent ?? 0;
  if (!isInFlow && position.gap !== undefined) before = position.gap.start - walk.offset;
  let isAfterKey = !isInFlow && position.gap?.isAfterKey === true;
  for (const [index, item] of list.items.entries()) {
    const dash = dashes[index];
    const gap = gapBefore(walk, item, before, dash, { isAfterKey, indent });
    visitNode(walk, item, { ...position, path: [...position.path, index], isInFlow, gap });
    isAfterKey = false;
    if (isInFlow) {
      before = endOf(walk, item) ?? before;
      continue;
    }
    const isEmpty = isScalar(item) && item.range?.[0] === item.range?.[1];
    // A comment behind the dash of an item without a value goes to the next item.
    before = isEmpty && dash !== undefined ? lineBefore(walk, dash) : (endOf(walk, item) ?? before);
    indent = indentAfter(walk, item, columnOf(walk, dash ?? 0));
  }
}

/** Where the last token of a node ends: the yaml package counts what follows a block collection as part of it. */
function endOf(walk: Walk, node: unknown): number | undefined {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return endOf(walk, last?.value ?? last?.key);
  }
  if (isSeq(node) && node.flow !== true) return endOf(walk, node.items.at(-1));
  const end = isNode(node) ? node.range?.[1] : undefined;
  // A block scalar ends behind its last line end.
  return end !== undefined && walk.text.charAt(end + walk.offset - 1) === '\n' ? end - 1 : end;
}

function columnOf(walk: Walk, offset: number): number {
  return offset - lineBefore(walk, offset) - 1;
}

/** The column of the innermost block collection that is still open behind a node. */
function indentAfter(walk: Walk, node: unknown, outer: number): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    const key = node.items[0]?.key;
    const start = isNode(key) ? key.range?.[0] : undefined;
    return start === undefined ? outer : indentAfter(walk, last?.value, columnOf(walk, start));
  }
  if (isSeq(node) && node.flow !== true) {
    const [dash] = dashesOf(node);
    return dash === undefined ? outer : indentAfter(walk, node.items.at(-1), columnOf(walk, dash));
  }
  return outer;
}

/** The end of the line above. */
function lineBefore(walk: Walk, offset: number): number {
  return walk.text.lastIndexOf('\n', offset + walk.offset - 1) - walk.offset;
}

function gapBefore(
  walk: Walk,
  node: unknown,
  start: number,
  dash: number | undefined,
  { isAfterKey, indent }: { readonly isAfterKey: boolean; readonly indent: number },
): ScalarGap | undefined {
  const end = isScalar(node) || isSeq(node) ? node.range?.[0] : undefined;
  if (end === undefined || end < start) return undefined;
  // What stands above a list in a list is the head of that list, not of its first item.
  const from = isSeq(node) && dash !== undefined ? lineBefore(walk, dash) : start;
  return { start: from + walk.offset, end: end + walk.offset, isAfterKey, indent };
}

function visitScalar(walk: Walk, node: Parameters<typeof describeScalar>[0], position: Position): void {
  const scalar = describeScalar(node);
  const range = { start: scalar.range.start + walk.offset, end: scalar.range.end + walk.offset };
  const comment = commentOf(walk.text, {
    range,
    isBlock: scalar.isBlock,
    isEmpty: range.start === range.end,
    isInFlow: position.isInFlow,
    gap: position.gap,
  });
  if (comment === undefined) return;
  // The yaml package ends a block at the end of the file with a line end that is not there.
  const isCutOff = scalar.isBlock && walk.text.charAt(range.end - 1) !== '\n';
  walk.scalars.push({
    file: walk.file,
    value: isCutOff ? scalar.text.replace(/\n$/, '') : scalar.text,
    range,
    line: walk.lineAt(range.start),
    isPlain: scalar.isPlain,
    isBlock: scalar.isBlock,
    comment,
    path: position.path,
    documentIndex: walk.documentIndex,
    object: position.object,
    isStray: position.isStray,
  });
}
