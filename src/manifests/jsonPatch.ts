// JSON6902 patches on the tree of a build (evanphx/json-patch v4, which kustomize uses).
import { cloneNode, type MappingNode, plainOf, type SequenceNode, type TreeNode } from './nodes';
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

function applyOperation(root: MappingNode, { op, path, from = '', value = nothing }: JsonOperation): void {
  switch (op) {
    case 'add':
      add(
        parentOf(root, path, `add operation does not apply: doc is missing path: "${path}"`),
        cloneNode(value),
        `error in add for path: '${path}'`,
      );
      break;
    case 'remove':
      remove(
        parentOf(root, path, `remove operation does not apply: doc is missing path: "${path}"`),
        `error in remove for path: '${path}'`,
      );
      break;
    case 'replace':
      replace(root, path, cloneNode(value));
      break;
    case 'move': {
      const source = parentOf(root, from, `move operation does not apply: doc is missing from path: ${from}`);
      const moved = get(source, `error in move for path: '${source.step}'`);
      remove(source, `error in move for path: '${source.step}'`);
      const target = parentOf(root, path, `move operation does not apply: doc is missing destination path: ${path}`);
      add(target, moved ?? nothing, `error in move for path: '${path}'`);
      break;
    }
    case 'copy': {
      const source = parentOf(root, from, `copy operation does not apply: doc is missing from path: ${from}`);
      const copied = get(source, `error in copy for from: '${from}'`) ?? nothing;
      const target = parentOf(root, path, `copy operation does not apply: doc is missing destination path: ${path}`);
      add(target, cloneNode(copied), 'error while adding value during copy');
      break;
    }
    case 'test': {
      const place = parentOf(root, path, `test operation does not apply: is missing path: ${path}`);
      const found = get(place, `error in test for path: '${path}'`) ?? nothing;
      if (!isEqual(plainOf(found), plainOf(value))) throw new BuildError(`testing value ${path} failed: test failed`);
      break;
    }
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
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/** A mapping or sequence, and the last step of a pointer into it. */
interface Target {
  readonly parent: MappingNode | SequenceNode;
  readonly step: string;
}

function parentOf(root: MappingNode, path: string, refusal: string): Target {
  const [, ...steps] = path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const step = steps.pop();
  let node: TreeNode | undefined = root;
  for (const part of steps) {
    if (node.type === 'mapping') node = node.fields.get(part);
    else if (node.type === 'sequence') node = node.items[indexOf(node.items.length, part) ?? -1];
    if (node === undefined) break;
  }
  if (step === undefined || node === undefined || node.type === 'scalar')
    throw new BuildError(`${refusal}: missing value`);
  return { parent: node, step };
}

/** Negative indexes count from the end. */
function indexOf(length: number, step: string): number | undefined {
  if (!/^[-+]?\d+$/.test(step)) return undefined;
  const index = Number(step);
  const found = index < 0 ? index + length : index;
  return found >= 0 && found < length ? found : undefined;
}

function requireIndex(length: number, step: string, refusal: string): number {
  const index = indexOf(length, step);
  if (index !== undefined) return index;
  throw new BuildError(`${refusal}: Unable to access invalid index: ${step}: invalid index referenced`);
}

/** A field that is not there is no refusal, an index is. */
function get({ parent, step }: Target, refusal: string): TreeNode | undefined {
  if (parent.type === 'mapping') return parent.fields.get(step);
  return parent.items[requireIndex(parent.items.length, step, refusal)];
}

function add({ parent, step }: Target, value: TreeNode, refusal: string): void {
  if (parent.type === 'mapping') parent.fields.set(step, value);
  else if (step === '-') parent.items.push(value);
  else parent.items.splice(requireIndex(parent.items.length + 1, step, refusal), 0, value);
}

function remove({ parent, step }: Target, refusal: string): void {
  if (parent.type === 'sequence') {
    parent.items.splice(requireIndex(parent.items.length, step, refusal), 1);
  } else if (!parent.fields.delete(step)) {
    throw new BuildError(`${refusal}: Unable to remove nonexistent key: ${step}: missing value`);
  }
}

/** Sets a field whether it is there or not; an index must be. */
function replace(root: MappingNode, path: string, value: TreeNode): void {
  if (path === '') {
    if (value.type !== 'mapping') throw new BuildError('replace operation value must be object or array');
    root.fields.clear();
    for (const [name, field] of value.fields) root.fields.set(name, field);
    return;
  }
  const { parent, step } = parentOf(root, path, `replace operation does not apply: doc is missing path: ${path}`);
  if (parent.type === 'mapping') {
    parent.fields.set(step, value);
    return;
  }
  const index = indexOf(parent.items.length, step);
  if (index === undefined)
    throw new BuildError(`replace operation does not apply: doc is missing key: ${path}: missing value`);
  parent.items[index] = value;
}
