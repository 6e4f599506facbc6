// JSON as the API server holds it: never changed in place, so one value can be handed to many readers.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [field: string]: Json | undefined };

export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text);
  return value;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value below `path`, or undefined where a part of the path is missing. */
export function valueAt(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let current: Json | undefined = value;
  for (const step of path) {
    if (isList(current)) current = typeof step === 'number' ? current[step] : undefined;
    else if (isObject(current)) current = Object.hasOwn(current, step) ? current[step] : undefined;
    else return undefined;
  }
  return current;
}

export function textAt(value: Json | undefined, ...path: readonly (string | number)[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

export function numberAt(value: Json | undefined, ...path: readonly (string | number)[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The list below `path`; empty where there is none. */
export function listAt(value: Json | undefined, ...path: readonly (string | number)[]): readonly Json[] {
  const found = valueAt(value, ...path);
  return isList(found) ? found : [];
}

/** The object below `path`; empty where there is none. */
export function objectAt(value: Json | undefined, ...path: readonly (string | number)[]): JsonObject {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
}

/** A copy with `field` set, or without it (as JSON has it) when `value` is undefined. */
export function withField<T extends JsonObject>(object: T, field: string, value: Json | undefined): T {
  return { ...object, [field]: value };
}

/** A copy with the value below `path` set; objects on the way are made. */
export function withValueAt<T extends JsonObject>(object: T, path: readonly string[], value: Json | undefined): T {
  const [head, ...rest] = path;
  if (head === undefined) return object;
  return withField(object, head, rest.length === 0 ? value : withValueAt(objectAt(object, head), rest, value));
}

/** Without fields that are null: a typed API server reads them as absent, and its answers do not have them. */
export function withoutNulls(value: Json): Json {
  if (isList(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const fields: [string, Json][] = [];
  for (const [field, child] of Object.entries(value)) {
    if (child !== undefined && child !== null) fields.push([field, withoutNulls(child)]);
  }
  return Object.fromEntries(fields);
}

/** Equal as values; a field that is undefined counts as absent. */
export function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...fields].every((field) => isEqual(a[field], b[field]));
}
