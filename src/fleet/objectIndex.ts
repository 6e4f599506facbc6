// Where objects of one kind stand in their array, by what they are looked up by; each table is made when it is first asked.
import { groupBy } from '../model/collections';
import type { Meta, ObjectReference } from '../model/flux';

export interface ObjectIndex {
  /** Undefined for no such object. */
  placeOf(reference: Pick<ObjectReference, 'name' | 'namespace'>): number | undefined;
  placesOwnedBy(uid: string): readonly number[];
}

export function indexObjects(all: readonly { readonly meta: Meta }[]): ObjectIndex {
  let named: ReadonlyMap<string, number> | undefined;
  let owned: ReadonlyMap<string, readonly { readonly at: number }[]> | undefined;
  return {
    placeOf: ({ name, namespace }) => {
      named ??= new Map(all.map(({ meta }, at) => [`${meta.namespace}/${meta.name}`, at]));
      return named.get(`${namespace}/${name}`);
    },
    placesOwnedBy: (uid) => {
      owned ??= groupBy(
        all.flatMap(({ meta }, at) => meta.owners.map((owner) => ({ at, uid: owner.uid }))),
        (one) => one.uid,
      );
      return (owned.get(uid) ?? []).map(({ at }) => at);
    },
  };
}
