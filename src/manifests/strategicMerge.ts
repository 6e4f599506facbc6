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

/** Undefined takes the field away. */
function merge(target: TreeNode | undefined, patch: TreeNode | undefined, position: Position): TreeNode | undefined {
  if (patch === undefined) return target;
  const kept = isNullNode(target) ? undefined : target;
  if (isNullNode(patch)) return undefined;
  if (kept !== undefined && kept.type !== patch.type) {
    throw new BuildError(`wrong Node Kind for ${position.path.join('.')}: expected ${kept.type}, found ${patch.type}`);
  }
  switch (patch.type) {
    case 'mapping':
      return mergeMapping(kept?.type === 'mapping' ? kept : undefined, patch, position);
    case 'sequence':
      return mergeSequence(kept?.type === 'sequence' ? kept : undefined, patch, position);
    default:
      return patch;
  }
}

function mergeMapping(target: MappingNode | undefined, patch: MappingNode, position: Position): TreeNode | undefined {
  const directive = takeDirective(patch);
  if (directive === 'delete') return undefined;
  const result: MappingNode =
    target === undefined || directive === 'replace' ? { type: 'mapping', fields: new Map() } : target;
  for (const [name, value] of patch.fields) {
    const merged = merge(result.fields.get(name), value, { ...position, path: [...position.path, name] });
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
  patch: SequenceNode,
  position: Position,
): TreeNode | undefined {
  const keys = mergeKeysOf(position);
  if (keys === undefined) return patch;
  const directive = takeListDirective(patch);
  if (directive === 'delete') return undefined;
  const base = directive === 'replace' ? undefined : target;
  const items = keys.length === 0 ? unionOfScalars(base, patch) : mergeItems(base, patch, keys, position);
  return items.length === 0 && target !== undefined ? undefined : { type: 'sequence', items };
}

/** A list of its own item `{$patch: …}` and nothing else in that item speaks for the whole list. */
function takeListDirective(patch: SequenceNode): string {
  const index = patch.items.findIndex(
    (item) => item.type === 'mapping' && item.fields.size === 1 && item.fields.has('$patch'),
  );
  const item = patch.items[index];
  if (item?.type !== 'mapping') return 'merge';
  patch.items.splice(index, 1);
  return takeDirective(item);
}

function unionOfScalars(target: SequenceNode | undefined, patch: SequenceNode): TreeNode[] {
  const items = new Map<string, TreeNode>();
  for (const item of [...patch.items, ...(target?.items ?? [])]) {
    if (item.type === 'scalar' && !items.has(item.text)) items.set(item.text, item);
  }
  return [...items.values()];
}

function mergeItems(
  target: SequenceNode | undefined,
  patch: SequenceNode,
  keys: readonly string[],
  position: Position,
): TreeNode[] {
  const left = [...(target?.items ?? [])];
  const items: TreeNode[] = [];
  for (const item of patch.items) {
    const index = left.findIndex((other) => isSameItem(other, item, keys));
    const [found] = index < 0 ? [] : left.splice(index, 1);
    const merged = merge(found, item, position);
    if (merged !== undefined && !(merged.type === 'mapping' && merged.fields.size === 0)) items.push(merged);
  }
  return [...items, ...left];
}

/** Keys that neither side has do not count (`protocol` of a port); at least one must be shared. */
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
