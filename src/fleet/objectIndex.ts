// Where objects of one kind stand in their array, by what they are looked up by, and which of them an event has touched. Each table
// is made when it is first asked, and taken over by the next array where objects have only changed in their places.
import { placesByKey } from '../model/collections';
import type { Meta } from '../model/flux';

/** `name` is `NAMESPACE/NAME`, `owner` its uid. */
export type ObjectKey = 'name' | 'namespace' | 'owner';

type Objects = readonly { readonly meta: Meta }[];

const keysOf: Readonly<Record<ObjectKey, (meta: Meta) => readonly string[]>> = {
  name: ({ namespace, name }) => [`${namespace}/${name}`],
  namespace: ({ namespace }) => [namespace],
  owner: ({ owners }) => owners.map(({ uid }) => uid),
};
export const objectKeys: readonly ObjectKey[] = ['name', 'namespace', 'owner'];

const nowhere: readonly number[] = [];

export interface ObjectIndex {
  /** In the order of the array. */
  places(all: Objects, by: ObjectKey, key: string): readonly number[];
  /** The keys of all that has come, gone, moved or changed on the way from one array to the other. */
  news(before: Objects, now: Objects): NewsKeys;
}

export type NewsKeys = (by: ObjectKey) => ReadonlySet<string>;

type Table = ReadonlyMap<string, readonly number[]>;

/** What is known of an array lasts as long as the array. */
export function rememberIndexes(): ObjectIndex {
  const tables = new WeakMap<Objects, Map<ObjectKey, Table>>();
  const news = new WeakMap<Objects, { readonly before: Objects; readonly keys: NewsKeys }>();
  const tablesOf = (all: Objects): Map<ObjectKey, Table> => {
    const known = tables.get(all) ?? new Map<ObjectKey, Table>();
    tables.set(all, known);
    return known;
  };
  return {
    places: (all, by, key) => {
      const known = tablesOf(all);
      const table = known.get(by) ?? placesByKey(all, ({ meta }) => keysOf[by](meta));
      known.set(by, table);
      return table.get(key) ?? nowhere;
    },
    news: (before, now) => {
      let found = news.get(now);
      if (found?.before !== before) {
        const touched = compareObjects(before, now);
        if (touched.isInPlace && !tables.has(now)) tables.set(now, tablesOf(before));
        found = { before, keys: newsKeys(touched.objects) };
        news.set(now, found);
        // One step is remembered, and no chain of all steps since the beginning.
        news.delete(before);
      }
      return found.keys;
    },
  };
}

function newsKeys(objects: Objects): NewsKeys {
  const known = new Map<ObjectKey, ReadonlySet<string>>();
  return (by) => {
    const keys = known.get(by) ?? new Set(objects.flatMap(({ meta }) => keysOf[by](meta)));
    known.set(by, keys);
    return keys;
  };
}

/** The objects of both arrays that are not in both, or not in the same order. */
function compareObjects(before: Objects, now: Objects): { readonly objects: Objects; readonly isInPlace: boolean } {
  const inPlace = changedInPlace(before, now);
  if (inPlace !== undefined) return { objects: inPlace, isInPlace: true };
  const [was, is] = [new Set(before), new Set(now)];
  const [stayed, stays] = [before.filter((one) => is.has(one)), now.filter((one) => was.has(one))];
  const isInOrder = stayed.every((one, at) => one === stays[at]);
  const objects = isInOrder
    ? [...before.filter((one) => !is.has(one)), ...now.filter((one) => !was.has(one))]
    : [...before, ...now];
  return { objects, isInPlace: false };
}

/** Nearly always: every object stands where it stood, some in another state. Undefined where that is not so. */
function changedInPlace(before: Objects, now: Objects): Objects | undefined {
  if (before.length !== now.length) return undefined;
  const changed: Objects[number][] = [];
  for (const [at, one] of before.entries()) {
    const other = now[at];
    if (one === other) continue;
    if (other === undefined || !hasSameKeys(one, other)) return undefined;
    changed.push(one, other);
  }
  return changed;
}

function hasSameKeys(one: Objects[number], other: Objects[number]): boolean {
  return objectKeys.every((by) => keysOf[by](one.meta).join() === keysOf[by](other.meta).join());
}
