// Where objects of one kind stand in their array, by what they are looked up by; each table is made when it is first asked.
import type { Meta } from '../model/flux';

/** `name` is `NAMESPACE/NAME`, `owner` its uid. */
export type ObjectKey = 'name' | 'namespace' | 'owner';

export interface ObjectIndex {
  places(by: ObjectKey, key: string): readonly number[];
}

const keysOf: Readonly<Record<ObjectKey, (meta: Meta) => readonly string[]>> = {
  name: ({ namespace, name }) => [`${namespace}/${name}`],
  namespace: ({ namespace }) => [namespace],
  owner: ({ owners }) => owners.map(({ uid }) => uid),
};

const nowhere: readonly number[] = [];

export type IndexOf = (all: readonly { readonly meta: Meta }[]) => ObjectIndex;

/** One index for each array, for as long as the array is there. */
export function rememberIndexes(): IndexOf {
  const indexes = new WeakMap<object, ObjectIndex>();
  return (all) => {
    const index = indexes.get(all) ?? indexObjects(all);
    indexes.set(all, index);
    return index;
  };
}

function indexObjects(all: readonly { readonly meta: Meta }[]): ObjectIndex {
  const tables = new Map<ObjectKey, ReadonlyMap<string, readonly number[]>>();
  return {
    places: (by, key) => {
      const table = tables.get(by) ?? tableOf(all, keysOf[by]);
      tables.set(by, table);
      return table.get(key) ?? nowhere;
    },
  };
}

function tableOf(
  all: readonly { readonly meta: Meta }[],
  keys: (meta: Meta) => readonly string[],
): ReadonlyMap<string, readonly number[]> {
  const table = new Map<string, number[]>();
  for (const [place, { meta }] of all.entries()) {
    for (const key of keys(meta)) {
      const places = table.get(key);
      if (places === undefined) table.set(key, [place]);
      else places.push(place);
    }
  }
  return table;
}
