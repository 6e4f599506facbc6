// Objects of one kind by what they are looked up by; each table is made when it is first asked.
import { groupBy } from '../model/collections';
import type { Meta, ObjectReference } from '../model/flux';

export interface ObjectIndex<T> {
  find(reference: Pick<ObjectReference, 'name' | 'namespace'>): T | undefined;
  ownedBy(uid: string): readonly T[];
}

export function indexObjects<T extends { readonly meta: Meta }>(all: readonly T[]): ObjectIndex<T> {
  let named: ReadonlyMap<string, T> | undefined;
  let owned: ReadonlyMap<string, readonly T[]> | undefined;
  return {
    find: ({ name, namespace }) => {
      named ??= new Map(all.map((one) => [`${one.meta.namespace}/${one.meta.name}`, one]));
      return named.get(`${namespace}/${name}`);
    },
    ownedBy: (uid) => {
      owned ??= new Map(
        [
          ...groupBy(
            all.flatMap((one) => one.meta.owners.map((owner) => ({ one, uid: owner.uid }))),
            (pair) => pair.uid,
          ),
        ].map(([owner, pairs]) => [owner, pairs.map(({ one }) => one)]),
      );
      return owned.get(uid) ?? [];
    },
  };
}
