// Server-side apply: the applied configuration is merged into the live object; what its manager applied before and leaves out
// now is removed, unless somebody else owns it too. Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
import { isEqual, isList, isObject, type Json, type JsonObject, objectAt, parseJson } from './json';
import { isSetList, keyOfItem, keysOfList, type ListRules } from './listKeys';
import {
  type Author,
  disown,
  entryOf,
  type FieldPath,
  isSameAuthor,
  leavesOf,
  parseFields,
  pathFromKey,
  pathKey,
} from './managedFields';
import { asObject, type KubeObject, type ManagedFieldsEntry } from './object';
import { applyConflict, type StatusCause } from './status';

export interface Applied {
  readonly object: KubeObject;
  readonly managedFields: readonly ManagedFieldsEntry[];
}

/** Throws a StatusError (409) that names each field another manager owns with another value, unless `onConflict` is `take`. */
export function applyConfiguration(
  live: KubeObject,
  configuration: KubeObject,
  author: Author,
  { rules, onConflict }: { readonly rules: ListRules; readonly onConflict: 'refuse' | 'take' },
): Applied {
  const entries = live.metadata.managedFields ?? [];
  const own = entries.find((entry) => isSameAuthor(entry, author));
  const others = entries.filter((entry) => entry !== own);
  const liveLeaves = leavesOf(live, rules);
  const wanted = leavesOf(configuration, rules);
  const changed = new Set([...wanted].filter(([key, value]) => !isEqual(liveLeaves.get(key), value)).map(([k]) => k));
  const conflicts = onConflict === 'take' ? [] : conflictsOf(others, changed);
  if (conflicts.length > 0) throw applyConflict(conflicts);

  const elsewhere = new Set(others.flatMap((entry) => [...parseFields(entry.fieldsV1)]));
  const gone = own === undefined ? [] : [...parseFields(own.fieldsV1)].filter((key) => !wanted.has(key));
  let object = asObject(merge(live, configuration, [], rules));
  // Items of lists before their fields: an item that somebody else still needs keeps its key.
  for (const path of gone.map(pathFromKey).toSorted((a, b) => a.length - b.length)) {
    if (!isOwned(elsewhere, path) && !isKeyField(path)) object = asObject(removeAt(object, path));
  }
  // What was an empty list or object before it had items is no field any more.
  const left = leavesOf(object, rules);
  const lost = new Set([...changed, ...[...liveLeaves.keys()].filter((key) => !left.has(key))]);
  const kept = [...wanted.keys()].filter((key) => left.has(key));
  return {
    object,
    managedFields: [
      ...others.map((entry) => disown(entry, lost)).filter((entry) => entry !== undefined),
      ...(kept.length === 0 ? [] : [entryOf(author, kept)]),
    ],
  };
}

function conflictsOf(others: readonly ManagedFieldsEntry[], changed: ReadonlySet<string>): readonly StatusCause[] {
  return others.flatMap((entry) =>
    [...parseFields(entry.fieldsV1)]
      .filter((key) => changed.has(key))
      .map((key) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with "${entry.manager}" using ${entry.apiVersion}`,
        field: formatPath(pathFromKey(key)),
      })),
  );
}

/** As the API server writes it: `.spec.template.spec.containers[name="app"].image`. */
function formatPath(path: FieldPath): string {
  return path
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`;
      if (step.startsWith('v:')) return `[${step.slice(2)}]`;
      const fields = Object.entries(objectAt(parseJson(step.slice(2))));
      return `[${fields.map(([field, value]) => `${field}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}

function isOwned(owned: ReadonlySet<string>, path: FieldPath): boolean {
  const prefix = `${pathKey(path).slice(0, -1)},`;
  return owned.has(pathKey(path)) || [...owned].some((key) => key.startsWith(prefix));
}

function isKeyField(path: FieldPath): boolean {
  const [item = '', field = ''] = path.slice(-2);
  return item.startsWith('k:') && Object.hasOwn(objectAt(parseJson(item.slice(2))), field.slice(2));
}

function merge(live: Json | undefined, applied: Json, path: readonly string[], rules: ListRules): Json {
  if (isObject(applied)) {
    const result: Record<string, Json | undefined> = isObject(live) ? { ...live } : {};
    for (const [field, value] of Object.entries(applied)) {
      if (value !== undefined && value !== null) result[field] = merge(result[field], value, [...path, field], rules);
    }
    return result;
  }
  if (!isList(applied) || !isList(live)) return applied;
  if (isSetList(path)) return [...live, ...applied.filter((item) => !live.includes(item))];
  const keys = keysOfList(rules, path);
  if (keys === undefined) return applied;
  const keyOf = (item: Json): JsonObject | undefined => (isObject(item) ? keyOfItem(item, keys) : undefined);
  const merged = applied.map((item) => {
    const key = keyOf(item);
    const match = key === undefined ? undefined : live.find((other) => isEqual(keyOf(other), key));
    return merge(match, item, path, rules);
  });
  const kept = live.filter((item) => !applied.some((other) => isEqual(keyOf(item), keyOf(other))));
  return [...merged, ...kept];
}

/** The value without what is at `path`; undefined when nothing is left. */
function removeAt(value: Json | undefined, path: FieldPath): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  if (step.startsWith('f:')) {
    const field = step.slice(2);
    if (!isObject(value) || value[field] === undefined) return value;
    const { [field]: child, ...others } = value;
    const left = removeAt(child, rest);
    if (left !== undefined) return { ...value, [field]: left };
    return Object.keys(others).length === 0 ? undefined : others;
  }
  if (!isList(value)) return value;
  const wanted = parseJson(step.slice(2));
  const isMeant = (item: Json): boolean =>
    step.startsWith('v:')
      ? isEqual(item, wanted)
      : isObject(item) && isObject(wanted) && isEqual(keyOfItem(item, Object.keys(wanted)), wanted);
  const items = value.map((item) => (isMeant(item) ? removeAt(item, rest) : item)).filter((item) => item !== undefined);
  return items.length === 0 ? undefined : items;
}
