// JSON6902 patches on the tree of a build (evanphx/json-patch v4, which kustomize uses).
import { cloneNode, type MappingNode, plainOf, type TreeNode } from './nodes';
import { BuildError } from './strategicMerge';

export interface JsonOperation {
  readonly op: string;
  readonly path: string;
  readonly from: string | undefined;
  readonly value: TreeNode | undefined;
}

/** Undefined when the node is no list of operations. */
export function decodeJsonPatch(node: TreeNode | undefined): readonly JsonOperation[] | undefined {
  if (node?.type !== 'sequence') return undefined;
  const operations: JsonOperation[] = [];
  for (const item of node.items) {
    if (item.type !== 'mapping') return undefined;
    const text = (name: string): string | undefined => {
      const field = item.fields.get(name);
      return field?.type === 'scalar' ? field.text : undefined;
    };
    operations.push({
      op: text('op') ?? '',
      path: text('path') ?? '',
      from: text('from'),
      value: item.fields.get('value'),
    });
  }
  return operations;
}

/** Changes `root` in place. A patch that does not apply throws a `BuildError`, as kustomize refuses it. */
export function applyJsonPatch(root: MappingNode, operations: readonly JsonOperation[]): void {
  for (const operation of operations) applyOperation(root, operation);
}

function applyOperation(root: MappingNode, { op, path, from, value }: JsonOperation): void {
  switch (op) {
    case 'add':
      return add(root, path, cloneNode(value ?? nothing), op);
    case 'remove':
      return void remove(root, path, op);
    case 'replace':
      find(root, path, op);
      return put(root, path, cloneNode(value ?? nothing), op);
    case 'move': {
      const moved = remove(root, from ?? '', op);
      return add(root, path, moved, op);
    }
    case 'copy':
      return add(root, path, cloneNode(find(root, from ?? '', op)), op);
    case 'test':
      if (!isEqual(plainOf(findOrNothing(root, path, op)), plainOf(value ?? nothing))) {
        throw new BuildError(`testing value ${path} failed: test failed`);
      }
      return;
    default:
      throw new BuildError(`Unexpected kind: ${op}`);
  }
}

const nothing: TreeNode = { type: 'scalar', text: '', value: null, isPlain: true };

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => sorted(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
}

function pointerOf(path: string): readonly string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The container of the last step of a pointer, and that step. */
function parentOf(root: TreeNode, path: string, op: string): readonly [TreeNode, string] {
  const steps = pointerOf(path);
  const last = steps.at(-1);
  if (last === undefined)
    throw new BuildError(`${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`);
  let node = root;
  for (const step of steps.slice(0, -1)) {
    const child = childOf(node, step);
    if (child === undefined || child.type === 'scalar') {
      throw new BuildError(
        `${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`,
      );
    }
    node = child;
  }
  return [node, last];
}

function childOf(node: TreeNode, step: string): TreeNode | undefined {
  if (node.type === 'mapping') return node.fields.get(step);
  return node.type === 'sequence' ? node.items[indexIn(node.items.length, step) ?? -1] : undefined;
}

/** Negative indexes count from the end. */
function indexIn(length: number, step: string): number | undefined {
  if (!/^[-+]?\d+$/.test(step)) return undefined;
  const index = Number(step);
  const found = index < 0 ? index + length : index;
  return found >= 0 && found < length ? found : undefined;
}

function findOrNothing(root: TreeNode, path: string, op: string): TreeNode {
  const [parent, last] = parentOf(root, path, op);
  return childOf(parent, last) ?? nothing;
}

function find(root: TreeNode, path: string, op: string): TreeNode {
  const [parent, last] = parentOf(root, path, op);
  const found = childOf(parent, last);
  if (found === undefined)
    throw new BuildError(`${op} operation does not apply: doc is missing key: ${path}: missing value`);
  return found;
}

function put(root: TreeNode, path: string, value: TreeNode, op: string): void {
  const [parent, last] = parentOf(root, path, op);
  if (parent.type === 'mapping') parent.fields.set(last, value);
  else if (parent.type === 'sequence') parent.items[indexIn(parent.items.length, last) ?? 0] = value;
}

function add(root: TreeNode, path: string, value: TreeNode, op: string): void {
  const [parent, last] = parentOf(root, path, op);
  if (parent.type === 'mapping') parent.fields.set(last, value);
  if (parent.type !== 'sequence') return;
  const index = last === '-' ? parent.items.length : indexIn(parent.items.length + 1, last);
  if (index === undefined) {
    throw new BuildError(
      `${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: invalid index referenced`,
    );
  }
  parent.items.splice(index, 0, value);
}

function remove(root: TreeNode, path: string, op: string): TreeNode {
  const found = find(root, path, op);
  const [parent, last] = parentOf(root, path, op);
  if (parent.type === 'mapping') parent.fields.delete(last);
  else if (parent.type === 'sequence') parent.items.splice(indexIn(parent.items.length, last) ?? 0, 1);
  return found;
}
