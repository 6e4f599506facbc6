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

/** The merged object; undefined when the patch deletes it. `target` is changed in place. */
export function mergePatch(target: MappingNode, patch: MappingNode): MappingNode | undefined {
  const type = { apiVersion: fieldText(target, 'apiVersion'), kind: fieldText(target, 'kind') };
  const merged = merge(target, cloneNode(patch), { ...type, path: [] });
  return merged?.type === 'mapping' ? merged : undefined;
}

interface Position {
  readonly apiVersion: string;
  readonly kind: string;
  readonly path: readonly string[];
}

/** Undefined takes the field away. What the patch does not name is walked too: lists with repeated keys lose the repeats. */
function merge(target: TreeNode | undefined, patch: TreeNode | undefined, position: Position): TreeNode | undefined {
  if (isNullNode(patch)) return undefined;
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

function mergeMapping(
  target: MappingNode | undefined,
  patch: MappingNode | undefined,
  position: Position,
): TreeNode | undefined {
  const directive = patch === undefined ? 'merge' : takeDirective(patch);
  if (directive === 'delete') return undefined;
  const result: MappingNode =
    target === undefined || directive === 'replace' ? { type: 'mapping', fields: new Map() } : target;
  for (const name of new Set([...result.fields.keys(), ...(patch?.fields.keys() ?? [])])) {
    const merged = merge(result.fields.get(name), patch?.fields.get(name), {
      ...position,
      path: [...position.path, name],
    });
    if (merged === undefined) result.fields.delete(name);
    else result.fields.set(name, merged);
  }
  return result;
}

function takeDirective(node: MappingNode): string {
  const directive = fieldText(node, '$patch');
  if (directive === '') return 'merge';
  if (!['merge', 'replace', 'delete'].includes(directive))
    throw new BuildError(`unknown patch strategy '${directive}'`);
  node.fields.delete('$patch');
  return directive;
}

function mergeSequence(
  target: SequenceNode | undefined,
  patch: SequenceNode | undefined,
  position: Position,
): TreeNode | undefined {
  const keys = mergeKeysOf(position);
  if (keys === undefined) return patch ?? target;
  const directive = patch === undefined ? 'merge' : takeListDirective(patch);
  if (directive === 'delete') return undefined;
  // A list that is not there yet is merged with itself.
  const base = directive === 'replace' ? patch : (target ?? patch);
  const [key] = keys;
  if (key === undefined) return { type: 'sequence', items: unionOfScalars(base, patch) };
  const items = keys.length > 1 ? mergeByKeys(base, patch, keys, position) : mergeByKey(base, patch, key, position);
  return { type: 'sequence', items };
}

/** An item of nothing but `$patch` speaks for the whole list. */
function takeListDirective(patch: SequenceNode): string {
  const first = patch.items.find((item) => item.type === 'mapping' && item.fields.has('$patch'));
  if (first?.type !== 'mapping' || first.fields.size > 1) return 'merge';
  const directive = takeDirective(first);
  const left = patch.items.filter((item) => item !== first && fieldText(item, '$patch') !== directive);
  patch.items.splice(0, patch.items.length, ...left);
  return directive;
}

function unionOfScalars(target: SequenceNode | undefined, patch: SequenceNode | undefined): TreeNode[] {
  const items = new Map<string, TreeNode>();
  for (const item of [...(patch?.items ?? []), ...(target?.items ?? [])]) {
    if (item.type === 'scalar' && !items.has(item.text)) items.set(item.text, item);
  }
  return [...items.values()];
}

/** Step by step as the original does it, quirks included: of items with one name the last stays, `$patch: replace` has no effect. */
function mergeByKey(
  target: SequenceNode | undefined,
  patch: SequenceNode | undefined,
  key: string,
  position: Position,
): TreeNode[] {
  const base = [...(target?.items ?? [])];
  const values = new Set([...(patch?.items ?? []), ...base].map((item) => fieldText(item, key)));
  let items: TreeNode[] = [];
  for (const value of values) {
    const merged = merge(itemWith(base, key, value), itemWith(patch?.items ?? [], key, value), position);
    if (merged === undefined || (merged.type === 'mapping' && merged.fields.size === 0)) {
      const left = base.filter((item) => !hasValue(item, key, value));
      base.splice(0, base.length, ...left);
      continue;
    }
    items = setItem(items, merged, key, value);
  }
  for (const item of base) {
    const isKeyed = item.type === 'mapping' && item.fields.has(key);
    // An item without its key wipes out what came before it (ElementSetter without values).
    items = isKeyed ? setItem(items, item, key, fieldText(item, key)) : [item];
  }
  return items;
}

/** An item without its key is found under no value: a patch that brings one finds nothing, and so takes away every named item. */
function itemWith(items: readonly TreeNode[], key: string, value: string): TreeNode | undefined {
  return items.find((item) => hasKey(item, key) && fieldText(item, key) === value);
}

function hasKey(item: TreeNode, key: string): boolean {
  return item.type === 'mapping' && item.fields.has(key) && !isNullNode(item.fields.get(key));
}

/** An empty value matches whatever has the key. */
function hasValue(item: TreeNode, key: string, value: string): boolean {
  if (item.type !== 'mapping' || !item.fields.has(key)) return false;
  return value === '' || fieldText(item, key) === value;
}

function setItem(items: readonly TreeNode[], item: TreeNode, key: string, value: string): TreeNode[] {
  const isThere = items.some((other) => hasValue(other, key, value));
  return isThere ? items.map((other) => (hasValue(other, key, value) ? item : other)) : [...items, item];
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
