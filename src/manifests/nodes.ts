// The tree that an overlay is built on: plain YAML content whose scalars know the place in a file that they come from.
// Mappings and sequences change during a build and belong to one build; scalars never change and are shared.
import { isAlias, isMap, isScalar, isSeq, type Document as YamlDocument } from 'yaml';
import type { Place } from '../model/text';
import { describeScalar, keyText } from './scalars';

export interface ScalarNode {
  readonly type: 'scalar';
  /** As written, without quotes. */
  readonly text: string;
  /** What YAML reads it as. */
  readonly value: unknown;
  readonly isPlain: boolean;
  readonly origin?: Origin | undefined;
}

/** Where a value is written, and under which key. */
export interface Origin extends Place {
  readonly field: string;
}

export interface MappingNode {
  readonly type: 'mapping';
  readonly fields: Map<string, TreeNode>;
}

export interface SequenceNode {
  readonly type: 'sequence';
  readonly items: TreeNode[];
}

export type TreeNode = ScalarNode | MappingNode | SequenceNode;

export function textNode(text: string, origin?: Origin): ScalarNode {
  return { type: 'scalar', text, value: text, isPlain: false, ...(origin === undefined ? {} : { origin }) };
}

export function isNullNode(node: TreeNode | undefined): boolean {
  return node?.type === 'scalar' && node.value === null;
}

/** Undefined for a missing field, a null and anything but a mapping. */
export function fieldOf(node: TreeNode | undefined, ...path: readonly string[]): TreeNode | undefined {
  let current = node;
  for (const name of path) {
    if (current?.type !== 'mapping') return undefined;
    current = current.fields.get(name);
  }
  return isNullNode(current) ? undefined : current;
}

/** The text of a scalar field, whatever YAML reads it as; empty when there is none. */
export function fieldText(node: TreeNode | undefined, name: string, ...path: readonly string[]): string {
  let found = node?.type === 'mapping' ? node.fields.get(name) : undefined;
  for (const step of path) found = found?.type === 'mapping' ? found.fields.get(step) : undefined;
  return found?.type === 'scalar' && found.value !== null ? found.text : '';
}

export function cloneNode<T extends TreeNode>(node: T): T;
export function cloneNode(node: TreeNode): TreeNode {
  switch (node.type) {
    case 'mapping': {
      const fields = new Map<string, TreeNode>();
      for (const [name, value] of node.fields) fields.set(name, cloneNode(value));
      return { type: 'mapping', fields };
    }
    case 'sequence':
      return { type: 'sequence', items: node.items.map((item) => cloneNode(item)) };
    default:
      return node;
  }
}

/** Plain JSON. */
export function plainOf(node: TreeNode): unknown {
  switch (node.type) {
    case 'mapping':
      return plainFields(node);
    case 'sequence':
      return node.items.map((item) => plainOf(item));
    default:
      return node.value;
  }
}

function plainFields({ fields }: MappingNode): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of fields) {
    if (name !== '__proto__') plain[name] = plainOf(value);
    else Object.defineProperty(plain, name, { value: plainOf(value), enumerable: true, writable: true });
  }
  return plain;
}

export function nodeOfPlain(value: unknown): TreeNode {
  if (Array.isArray(value)) return { type: 'sequence', items: value.map((item) => nodeOfPlain(item)) };
  if (typeof value === 'object' && value !== null) {
    return {
      type: 'mapping',
      fields: new Map(Object.entries(value).map(([name, field]) => [name, nodeOfPlain(field)])),
    };
  }
  if (typeof value === 'string') return textNode(value);
  const isWord = typeof value === 'number' || typeof value === 'boolean';
  return { type: 'scalar', text: isWord ? String(value) : '', value: isWord ? value : null, isPlain: true };
}

/** The place of a range that counts from the start of the parsed text; undefined where it cannot be told exactly. */
export type PlaceOf = (start: number, end: number) => Place | undefined;

export interface WrittenParts extends Pick<ScalarNode, 'text' | 'value' | 'isPlain'> {
  /** In the parsed text. */
  readonly start: number;
  readonly end: number;
  readonly field: string;
}

/** A scalar of a file. Where it stands is worked out for the few that somebody asks about: most of a repository is never asked. */
export class WrittenScalar implements ScalarNode {
  readonly type = 'scalar';
  readonly text: string;
  readonly value: unknown;
  readonly isPlain: boolean;
  /** In the text that was parsed, which may be a part of a file. */
  readonly start: number;
  readonly end: number;
  readonly #field: string;
  readonly #placeOf: PlaceOf;

  constructor({ text, value, isPlain, start, end, field }: WrittenParts, placeOf: PlaceOf) {
    this.text = text;
    this.value = value;
    this.isPlain = isPlain;
    this.start = start;
    this.end = end;
    this.#field = field;
    this.#placeOf = placeOf;
  }

  get origin(): Origin | undefined {
    const place = this.#placeOf(this.start, this.end);
    return place && { ...place, field: this.#field };
  }
}

/** More nodes than this after aliases are followed count as a bomb. */
const maximumNodes = 200_000;

/** Aliases are replaced by copies and merge keys (`<<`) by their fields; undefined for a bomb or an unknown anchor. */
export function nodeOf(
  document: YamlDocument.Parsed,
  placeOf: PlaceOf,
  repeatedKeys: 'first' | 'last' = 'first',
): TreeNode | undefined {
  const reading: ReadingState = { document, placeOf, repeatedKeys, left: maximumNodes };
  const node = read(reading, document.contents, '', 0);
  return reading.left > 0 ? node : undefined;
}

interface ReadingState {
  readonly document: YamlDocument.Parsed;
  readonly placeOf: PlaceOf;
  /** Which one of a repeated key counts: the two YAML readers of kustomize differ. */
  readonly repeatedKeys: 'first' | 'last';
  left: number;
}

const maximumDepth = 200;

function read(reading: ReadingState, node: unknown, field: string, depth: number): TreeNode {
  reading.left -= depth > maximumDepth ? reading.left : 1;
  if (reading.left <= 0) return { type: 'scalar', text: '', value: null, isPlain: true };
  if (isAlias(node)) {
    const target = node.resolve(reading.document);
    if (target === undefined) reading.left = 0;
    return read(reading, target, field, depth + 1);
  }
  if (isMap(node)) return { type: 'mapping', fields: readFields(reading, node.items, depth) };
  if (isSeq(node)) {
    return { type: 'sequence', items: node.items.map((item) => read(reading, item, field, depth + 1)) };
  }
  if (!isScalar(node)) return { type: 'scalar', text: '', value: null, isPlain: true };
  const { text, value, range, ...style } = describeScalar(node);
  const isPlain = style.isPlain && node.tag !== 'tag:yaml.org,2002:str';
  return new WrittenScalar({ text, value, isPlain, start: range.start, end: range.end, field }, reading.placeOf);
}

function readFields(
  reading: ReadingState,
  pairs: readonly { readonly key: unknown; readonly value: unknown }[],
  depth: number,
): Map<string, TreeNode> {
  const fields = new Map<string, TreeNode>();
  const merged: TreeNode[] = [];
  for (const { key, value } of pairs) {
    const name = isScalar(key) ? keyText(key) : '';
    const child = read(reading, value, name, depth + 1);
    if (name === '<<') merged.push(...(child.type === 'sequence' ? child.items : [child]));
    else if (!fields.has(name) || reading.repeatedKeys === 'last') fields.set(name, child);
  }
  for (const node of merged) {
    if (node.type !== 'mapping') continue;
    for (const [name, value] of node.fields) if (!fields.has(name)) fields.set(name, value);
  }
  return fields;
}
