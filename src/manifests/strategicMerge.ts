// Strategic merge patches as kustomize applies them (kyaml yaml/merge2, yaml/walk): lists are merged by key only where the
// built-in schema says so, new items come first, null and `$patch` take away.

import { mergeKeysOf } from './mergeKeys';
import {
  cloneNode,
  fieldText,
  isNullNode,
  type MappingNode,
  type SequenceNode,
  type TreeNode,
  textNode,
} from './nodes';

/** Thrown inside a build and turned into its `error` by `overlay.ts`: kustomize refuses here too. */
export class BuildError extends Error {}

/** What should be changed is not among the resources. It may be in a remote base, which is not read here. */
export class MissingTargetError extends BuildError {}

/** Changes `target` in place; false when the patch deletes it. A patch that would replace it as a whole has no effect. */
export function mergePatch(target: MappingNode, patch: MappingNode): boolean {
  const type = { apiVersion: fieldText(target, 'apiVersion'), kind: fieldText(target, 'kind') };
  return merge(target, cloneNode(patch), { ...type, path: [] }) !== undefined;
}

interface Position {
  readonly apiVersion: string;
  readonly kind: string;
  readonly path: readonly string[];
}

/**
 * Undefined takes the field away. What the patch does not name is walked too: lists with repeated keys lose the repeats.
 * As in the original, what the target lacks becomes the patch's own node and is then merged with itself, in place.
 */
function merge(target: TreeNode | undefined, patch: TreeNode | undefined, position: Position): TreeNode | undefined {
  if (isNullNode(patch)) return undefined;
  if (patch === undefined && isNullNode(target)) return textOf(target) === '' ? undefined : target;
  const kept = isNullNode(target) ? undefined : target;
  if (kept !== undefined && patch !== undefined && kept.type !== patch.type) {
    throw new BuildError(`wrong Node Kind for ${position.path.join('.')}: expected ${kept.type}, found ${patch.type}`);
  }
  const type = (kept ?? patch)?.type;
  if (type === 'mapping') return mergeMapping(asMapping(kept), asMapping(patch), position);
  if (type === 'sequence') return mergeSequence(asSequence(kept), asSequence(patch), position);
  return patch ?? target;
}

function asMapping(node: TreeNode | undefined): MappingNode | undefined {
  return node?.type === 'mapping' ? node : undefined;
}

function asSequence(node: TreeNode | undefined): SequenceNode | undefined {
  return node?.type === 'sequence' ? node : undefined;
}

/** As written: `null` is a text here, and whatever is no scalar has none. */
function textOf(node: TreeNode | undefined): string {
  return node?.type === 'scalar' ? node.text : '';
}

function mergeMapping(
  target: MappingNode | undefined,
  patch: MappingNode | undefined,
  position: Position,
): TreeNode | undefined {
  const directive = patch === undefined ? 'merge' : takeDirective(patch, target);
  if (directive === 'delete') return undefined;
  const result = directive === 'replace' ? patch : (target ?? patch);
  if (result === undefined) return undefined;
  for (const name of new Set([...result.fields.keys(), ...(patch?.fields.keys() ?? [])])) {
    const [own, given] = [result.fields.get(name), patch?.fields.get(name)];
    // Most of an object: what no patch speaks of and no list can repeat.
    if (given === undefined && own?.type === 'scalar' && own.value !== null) continue;
    const merged = merge(own, given, { ...position, path: [...position.path, name] });
    if (merged === undefined) result.fields.delete(name);
    else result.fields.set(name, merged);
  }
  return result;
}

const directives = ['merge', 'replace', 'delete'];

/** One that kustomize does not know is an error only where there is something to patch. */
function takeDirective(patch: MappingNode, target: TreeNode | undefined): string {
  const node = patch.fields.get('$patch');
  if (node === undefined) return 'merge';
  const directive = textOf(node);
  if (directives.includes(directive)) patch.fields.delete('$patch');
  else if (target !== undefined) throw new BuildError(`unknown patch strategy '${directive}'`);
  return directive;
}

function mergeSequence(
  target: SequenceNode | undefined,
  patch: SequenceNode | undefined,
  position: Position,
): TreeNode | undefined {
  const keys = mergeKeysOf(position);
  if (keys === undefined) return patch ?? target;
  // The directive of a list that is not there yet stays in it as an item.
  const directive = patch === undefined || target === undefined ? 'merge' : takeListDirective(patch);
  if (directive === 'delete') return undefined;
  const base = directive === 'replace' ? patch : (target ?? patch);
  if (base === undefined) return undefined;
  const [key] = keys;
  if (key === undefined) return { type: 'sequence', items: unionOfScalars(base, patch) };
  return keys.length > 1
    ? { type: 'sequence', items: mergeByKeys(base, patch, keys, position) }
    : mergeByKey(base, patch, key, position);
}

/** An item of nothing but `$patch` speaks for the whole list. */
function takeListDirective(patch: SequenceNode): string {
  const first = patch.items.find((item) => item.type === 'mapping' && item.fields.has('$patch'));
  if (first?.type !== 'mapping' || first.fields.size > 1) return 'merge';
  const directive = textOf(first.fields.get('$patch'));
  if (!directives.includes(directive)) throw new BuildError(`unknown patch strategy '${directive}'`);
  setItem(patch, undefined, '$patch', directive);
  return directive;
}

function unionOfScalars(target: SequenceNode | undefined, patch: SequenceNode | undefined): TreeNode[] {
  const items = new Map<string, TreeNode>();
  for (const item of [...(patch?.items ?? []), ...(target?.items ?? [])]) {
    if (item.type === 'scalar' && !items.has(item.text)) items.set(item.text, item);
  }
  return [...items.values()];
}

/**
 * Step by step as the original does it (kyaml yaml/walk/associative_sequence.go), quirks included: of items with one name the
 * last stays, and an item without a name takes others away.
 */
function mergeByKey(
  base: SequenceNode,
  patch: SequenceNode | undefined,
  key: string,
  position: Position,
): SequenceNode {
  const values = new Set([...(patch?.items ?? []), ...base.items].map((item) => fieldText(item, key)));
  if (values.size === 0) return base;
  const result: SequenceNode = { type: 'sequence', items: [] };
  for (const value of values) {
    const merged = merge(itemWith(base, key, value), itemWith(patch, key, value), position);
    setItem(isEmpty(merged) ? base : result, isEmpty(merged) ? undefined : merged, key, value);
  }
  for (const item of base.items) setItem(result, item, key, ownValue(item, key));
  return result;
}

function isEmpty(node: TreeNode | undefined): boolean {
  return node === undefined || isNullNode(node) || (node.type === 'mapping' && node.fields.size === 0);
}

/** An item without its key is found under no value: a patch that brings one finds nothing, and so takes away every named item. */
function itemWith(list: SequenceNode | undefined, key: string, value: string): TreeNode | undefined {
  return list?.items.find((item) => ownValue(item, key) === value);
}

/** Undefined for an item that lacks the key. */
function ownValue(item: TreeNode, key: string): string | undefined {
  if (item.type !== 'mapping' || !item.fields.has(key)) return undefined;
  return textOf(item.fields.get(key));
}

/**
 * Puts `element` in the place of every item with that value, or behind the last; no element takes them away (kyaml
 * ElementSetter). An empty value means every item that has the key, and without a value nothing else stays.
 */
function setItem(list: SequenceNode, element: TreeNode | undefined, key: string, value: string | undefined): void {
  let isThere = false;
  const items = list.items.flatMap((item) => {
    if (isEmpty(item) || value === undefined) return [];
    if (item.type !== 'mapping' && value === '')
      throw new BuildError(`wrong Node Kind: expected mapping, found ${item.type}`);
    const own = ownValue(item, key);
    if (own === undefined || (value !== '' && own !== value)) return [item];
    isThere = true;
    return element === undefined ? [] : [element];
  });
  if (element !== undefined && !isNullNode(element) && !isThere) items.push(element);
  list.items.splice(0, list.items.length, ...items);
}

/** Lists with two keys, such as ports: none of them holds an image. */
function mergeByKeys(
  target: SequenceNode | undefined,
  patch: SequenceNode | undefined,
  keys: readonly string[],
  position: Position,
): TreeNode[] {
  const left = target === patch ? [] : [...(target?.items ?? [])];
  const items: TreeNode[] = [];
  for (const item of patch?.items ?? []) {
    const index = left.findIndex((other) => isSameItem(other, item, keys));
    const [found] = index < 0 ? [] : left.splice(index, 1);
    const merged = merge(found, item, position);
    if (merged !== undefined && !(merged.type === 'mapping' && merged.fields.size === 0)) items.push(merged);
  }
  return [...items, ...left];
}

/** Keys that one side lacks do not count (`protocol` of a port); at least one must be shared. */
function isSameItem(a: TreeNode, b: TreeNode, keys: readonly string[]): boolean {
  let isShared = false;
  for (const key of keys) {
    const [left, right] = [fieldText(a, key), fieldText(b, key)];
    if (left !== '' && right !== '' && left !== right) return false;
    if (left !== '' && left === right) isShared = true;
  }
  return isShared;
}

/** What a merge never changes: a patch speaks of an object, it does not rename or move it. */
export function restoreIdentity(
  root: MappingNode,
  identity: { readonly kind: string; readonly name: string; readonly namespace: string },
): void {
  root.fields.set('kind', textNode(identity.kind));
  const metadata = root.fields.get('metadata');
  if (metadata?.type !== 'mapping') return;
  metadata.fields.set('name', textNode(identity.name));
  if (identity.namespace === '') metadata.fields.delete('namespace');
  else metadata.fields.set('namespace', textNode(identity.namespace));
}
