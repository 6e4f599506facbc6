// Kubernetes' strategic merge patch: lists with a merge key are merged item by item, directives begin with `$`.
// Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
import { isEqual, isList, isObject, type Json, type JsonObject } from './json';
import { isSetList, keysOfList } from './listKeys';
import { badRequest } from './status';

const rules = { isCustom: false };
const orderPrefix = '$setElementOrder/';
const deletePrefix = '$deleteFromPrimitiveList/';

/** Throws a StatusError (400) where a list item lacks its merge key. */
export function applyStrategicPatch(document: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(document, patch, []);
}

function mergeObject(document: JsonObject, patch: JsonObject, path: readonly string[]): JsonObject {
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  if (patch['$patch'] === 'delete') return {};
  const result: Record<string, Json | undefined> = { ...document };
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$') || value === undefined) continue;
    if (value === null) delete result[field];
    else result[field] = mergeValue(result[field], value, [...path, field]);
  }
  for (const [directive, value] of Object.entries(patch)) {
    if (!isList(value)) continue;
    if (directive.startsWith(deletePrefix)) {
      const field = directive.slice(deletePrefix.length);
      const list = result[field];
      if (isList(list)) result[field] = list.filter((item) => !value.some((gone) => isEqual(gone, item)));
    }
    if (directive.startsWith(orderPrefix)) {
      const field = directive.slice(orderPrefix.length);
      const list = result[field];
      if (isList(list)) result[field] = inOrder(list, value, [...path, field]);
    }
    if (directive === '$retainKeys') {
      for (const field of Object.keys(result)) if (!value.includes(field)) delete result[field];
    }
  }
  return result;
}

function mergeValue(live: Json | undefined, patch: Json, path: readonly string[]): Json {
  if (isObject(patch)) return mergeObject(isObject(live) ? live : {}, patch, path);
  if (!isList(patch)) return patch;
  const current = isList(live) ? live : [];
  const key = keysOfList(rules, path)?.[0];
  if (key !== undefined) return mergeKeyed(current, patch, key, path);
  if (!isSetList(path)) return patch;
  return [...current, ...patch.filter((item) => !current.includes(item))];
}

function mergeKeyed(live: readonly Json[], patch: readonly Json[], key: string, path: readonly string[]): Json {
  const replaces = patch.some((item) => isObject(item) && item['$patch'] === 'replace');
  const result: Json[] = replaces ? [] : [...live];
  for (const item of patch) {
    if (!isObject(item)) throw badRequest(`${path.join('.')} must hold objects`);
    if (item['$patch'] === 'replace' && item[key] === undefined) continue;
    const name = item[key];
    if (name === undefined) throw badRequest(`an item of ${path.join('.')} does not contain the merge key ${key}`);
    const index = result.findIndex((other) => isObject(other) && other[key] === name);
    if (item['$patch'] === 'delete') {
      if (index >= 0) result.splice(index, 1);
      continue;
    }
    const current = result[index];
    const merged = mergeObject(isObject(current) ? current : {}, item, path);
    if (index < 0) result.push(merged);
    else result[index] = merged;
  }
  return result;
}

function inOrder(list: readonly Json[], order: readonly Json[], path: readonly string[]): readonly Json[] {
  const key = keysOfList(rules, path)?.[0];
  const nameOf = (item: Json): Json | undefined => (key !== undefined && isObject(item) ? item[key] : item);
  const names = order.map(nameOf);
  const rank = (item: Json): number => {
    const index = names.indexOf(nameOf(item) ?? null);
    return index < 0 ? names.length : index;
  };
  return list.toSorted((a, b) => rank(a) - rank(b));
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(patch).filter(([field, value]) => !field.startsWith('$') && value !== null && value !== undefined),
  );
}
