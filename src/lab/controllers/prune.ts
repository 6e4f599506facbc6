// Garbage collection: what the last inventory holds and the new one does not is deleted, if it still is this Kustomization's and
// does not say otherwise. Source: kustomize-controller prune(), fluxcd/pkg ssa/manager_delete.go.
import { objectAt, textAt } from '../cluster/json';
import type { KubeObject, Ref } from '../cluster/object';
import type { Store } from '../cluster/store';
import { keyOfRef, refsOfInventory } from './inventory';

const group = 'kustomize.toolkit.fluxcd.io';

/** In the reverse of the order in which it was applied; returns what was deleted. */
export function prune(store: Store, kustomization: KubeObject, kept: readonly Ref[]): readonly Ref[] {
  const keys = new Set(kept.map(keyOfRef));
  const { name, namespace } = kustomization.metadata;
  const applied = refsOfInventory(objectAt(kustomization, 'status', 'inventory'));
  const stale = applied.filter((ref) => !keys.has(keyOfRef(ref))).toReversed();
  return stale.filter((ref) => {
    const live = store.get(ref);
    if (live === undefined) return false;
    const labels = live.metadata.labels ?? {};
    const isOurs = labels[`${group}/name`] === name && labels[`${group}/namespace`] === namespace;
    const isProtected =
      labels[`${group}/prune`] === 'disabled' ||
      textAt(live, 'metadata', 'annotations', `${group}/prune`) === 'disabled';
    if (!isOurs || isProtected) return false;
    store.delete(ref);
    return true;
  });
}
