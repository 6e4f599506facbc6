// Who wrote which field: `metadata.managedFields`, in the FieldsV1 format.
// Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/ and sigs.k8s.io/structured-merge-diff.
import { isEqual, isList, isObject, type Json, type JsonObject } from './json';
import { isSetList, keyOfItem, keysOfList, type ListRules } from './listKeys';
import type { KubeObject, ManagedFieldsEntry } from './object';

/** Steps as FieldsV1 writes them: `f:spec`, `k:{"name":"app"}`, `v:"finalizer"`. */
export type FieldPath = readonly string[];

/** From the path (as JSON text) to the value there. An item of a keyed list has an entry of its own, with the value true. */
export type Leaves = ReadonlyMap<string, Json>;

export function pathKey(path: FieldPath): string {
  return JSON.stringify(path);
}

export function pathFromKey(key: string): FieldPath {
  const path: FieldPath = JSON.parse(key);
  return path;
}

/** Written by the server, so nobody owns them. */
const unowned = new Set([
  'apiVersion',
  'kind',
  ...['name', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp'].map(
    (field) => `metadata.${field}`,
  ),
  ...['managedFields', 'generateName', 'deletionGracePeriodSeconds', 'selfLink'].map((field) => `metadata.${field}`),
]);

export function leavesOf(object: KubeObject | undefined, rules: ListRules): Leaves {
  const leaves = new Map<string, Json>();
  const walk = (value: Json | undefined, path: readonly string[], steps: FieldPath): void => {
    if (value === undefined || value === null || unowned.has(path.join('.'))) return;
    if (isObject(value) && Object.keys(value).length > 0) {
      for (const [field, child] of Object.entries(value)) walk(child, [...path, field], [...steps, `f:${field}`]);
      return;
    }
    if (isList(value) && isSetList(path)) {
      for (const item of value) leaves.set(pathKey([...steps, `v:${JSON.stringify(item)}`]), true);
      return;
    }
    const keys = isList(value) ? keysOfList(rules, path) : undefined;
    if (keys === undefined || !isList(value) || value.length === 0) {
      if (steps.length > 0) leaves.set(pathKey(steps), value);
      return;
    }
    for (const item of value) {
      const key = isObject(item) ? keyOfItem(item, keys) : undefined;
      if (key === undefined) continue;
      const itemSteps = [...steps, `k:${JSON.stringify(key)}`];
      leaves.set(pathKey(itemSteps), true);
      walk(item, path, itemSteps);
    }
  };
  walk(object, [], []);
  return leaves;
}

type Nested = { [step: string]: Nested };

export function formatFields(keys: Iterable<string>): JsonObject {
  const root: Nested = {};
  const own = new Set(keys);
  for (const key of own) {
    let node = root;
    for (const step of pathFromKey(key)) node = node[step] ??= {};
  }
  for (const key of own) {
    let node: Nested | undefined = root;
    for (const step of pathFromKey(key)) node = node?.[step];
    if (node !== undefined && Object.keys(node).length > 0) node['.'] = {};
  }
  return root;
}

export function parseFields(fields: JsonObject): ReadonlySet<string> {
  const keys = new Set<string>();
  const walk = (node: Json | undefined, path: FieldPath): void => {
    const children = isObject(node) ? Object.entries(node) : [];
    if (path.length > 0 && children.length === 0) keys.add(pathKey(path));
    for (const [step, child] of children) {
      if (step === '.') keys.add(pathKey(path));
      else walk(child, [...path, step]);
    }
  };
  walk(fields, []);
  return keys;
}

export interface Author {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** RFC 3339. */
  readonly time: string;
  readonly subresource?: string;
}

export function isSameAuthor(entry: ManagedFieldsEntry, author: Author): boolean {
  return (
    entry.manager === author.manager &&
    entry.operation === author.operation &&
    (entry.subresource ?? '') === (author.subresource ?? '')
  );
}

export function entryOf(author: Author, keys: Iterable<string>): ManagedFieldsEntry {
  return {
    manager: author.manager,
    operation: author.operation,
    apiVersion: author.apiVersion,
    time: author.time,
    fieldsType: 'FieldsV1',
    fieldsV1: formatFields(keys),
    ...(author.subresource === undefined ? {} : { subresource: author.subresource }),
  };
}

/** Takes `keys` from an entry; undefined when nothing is left of it. */
export function disown(entry: ManagedFieldsEntry, keys: ReadonlySet<string>): ManagedFieldsEntry | undefined {
  const owned = parseFields(entry.fieldsV1);
  const left = [...owned].filter((key) => !keys.has(key));
  if (left.length === 0) return undefined;
  return left.length === owned.size ? entry : { ...entry, fieldsV1: formatFields(left) };
}

/** The entries after a plain write: whoever changes a field owns it alone, a field that is gone belongs to nobody. */
export function fieldsAfterUpdate(
  entries: readonly ManagedFieldsEntry[],
  before: Leaves,
  after: Leaves,
  author: Author,
): readonly ManagedFieldsEntry[] {
  const changed = [...after].filter(([key, value]) => !isEqual(before.get(key), value)).map(([key]) => key);
  const taken = new Set([...changed, ...[...before.keys()].filter((key) => !after.has(key))]);
  if (taken.size === 0) return entries;
  const own = entries.find((entry) => isSameAuthor(entry, author));
  const ownKeys = own === undefined ? [] : [...parseFields(own.fieldsV1)].filter((key) => after.has(key));
  const others = entries
    .filter((entry) => entry !== own)
    .map((entry) => disown(entry, taken))
    .filter((entry) => entry !== undefined);
  const keys = new Set([...ownKeys, ...changed]);
  return keys.size === 0 ? others : [...others, entryOf(author, keys)];
}
