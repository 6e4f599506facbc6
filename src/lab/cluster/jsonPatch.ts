// JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386), on values that are never changed in place.
import { isEqual, isList, isObject, type Json, type JsonObject, valueAt } from './json';
import { badRequest, failure, type StatusError } from './status';

function rejected(why: string): StatusError {
  return failure(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`);
}

function steps(pointer: Json | undefined): readonly string[] {
  if (pointer === '') return [];
  if (typeof pointer !== 'string' || !pointer.startsWith('/')) throw badRequest('a JSON pointer must begin with "/"');
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function indexIn(list: readonly Json[], step: string, limit: number): number {
  const index = /^(?:0|[1-9]\d*)$/.test(step) ? Number(step) : -1;
  if (index < 0 || index > limit) throw rejected(`no item "${step}" in a list of ${list.length}`);
  return index;
}

function read(document: Json, path: readonly string[]): Json {
  let current: Json = document;
  for (const step of path) {
    const next: Json | undefined = isList(current)
      ? current[indexIn(current, step, current.length - 1)]
      : valueAt(current, step);
    if (next === undefined) throw rejected(`nothing at "/${path.join('/')}"`);
    current = next;
  }
  return current;
}

type Change = (parent: readonly Json[] | JsonObject, step: string) => Json;

function changeAt(document: Json, path: readonly string[], change: Change): Json {
  const [step, ...rest] = path;
  if (step === undefined) throw badRequest('a JSON patch cannot remove the whole object');
  if (!isList(document) && !isObject(document)) throw rejected(`nothing at "/${path.join('/')}"`);
  if (rest.length === 0) return change(document, step);
  const child = changeAt(read(document, [step]), rest, change);
  if (isList(document)) return document.with(indexIn(document, step, document.length - 1), child);
  return { ...document, [step]: child };
}

function add(document: Json, path: readonly string[], value: Json): Json {
  if (path.length === 0) return value;
  return changeAt(document, path, (parent, step) => {
    if (!isList(parent)) return { ...parent, [step]: value };
    return parent.toSpliced(step === '-' ? parent.length : indexIn(parent, step, parent.length), 0, value);
  });
}

function remove(document: Json, path: readonly string[]): Json {
  read(document, path);
  return changeAt(document, path, (parent, step) => {
    if (isList(parent)) return parent.toSpliced(indexIn(parent, step, parent.length - 1), 1);
    const { [step]: _, ...rest } = parent;
    return rest;
  });
}

function operate(document: Json, operation: Json): Json {
  if (!isObject(operation)) throw badRequest('a JSON patch is a list of operations');
  const path = steps(operation['path']);
  const { op, value } = operation;
  if (op === 'remove') return remove(document, path);
  if (op === 'move' || op === 'copy') {
    const from = steps(operation['from']);
    const moved = read(document, from);
    return add(op === 'move' ? remove(document, from) : document, path, moved);
  }
  if (value === undefined) throw badRequest(`the JSON patch operation ${JSON.stringify(op)} needs a value`);
  if (op === 'add') return add(document, path, value);
  if (op === 'replace') {
    read(document, path);
    return path.length === 0
      ? value
      : changeAt(document, path, (parent, step) =>
          isList(parent) ? parent.with(indexIn(parent, step, parent.length - 1), value) : { ...parent, [step]: value },
        );
  }
  if (op !== 'test') throw badRequest(`unknown JSON patch operation ${JSON.stringify(op)}`);
  if (!isEqual(read(document, path), value)) throw rejected(`the test of "/${path.join('/')}" failed`);
  return document;
}

/** Throws a StatusError: 400 for a patch that is none, 422 where it does not fit the document. */
export function applyJsonPatch(document: Json, patch: Json): Json {
  if (!isList(patch)) throw badRequest('a JSON patch is a list of operations');
  return patch.reduce<Json>(operate, document);
}

export function applyMergePatch(document: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json | undefined> = isObject(document) ? { ...document } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete result[field];
    else result[field] = applyMergePatch(result[field], value);
  }
  return result;
}
