import type { ClusterFacts } from '../model/facts';
import type { Meta, ObjectReference } from '../model/flux';
import { type Reading, valueOf } from '../model/reading';

interface Owned {
  readonly kind: string;
  readonly meta: Meta;
}

/** A Deployment's own ReplicaSets and their pods, as far as they are known: what goes wrong with it is said about them. */
export function partsOfWorkload(
  { kind, namespace, name }: ObjectReference,
  cluster: ClusterFacts | undefined,
): readonly ObjectReference[] {
  if (kind !== 'Deployment' || cluster === undefined) return [];
  const ownedBy = (all: Reading<readonly Owned[]>, owner: string, names: ReadonlySet<string>): readonly Owned[] =>
    (valueOf(all) ?? []).filter(
      ({ meta }) =>
        meta.namespace === namespace && meta.owners.some((one) => one.kind === owner && names.has(one.name)),
    );
  const sets = ownedBy(cluster.replicaSets, kind, new Set([name]));
  const pods = ownedBy(cluster.pods, 'ReplicaSet', new Set(sets.map(({ meta }) => meta.name)));
  return [...sets, ...pods].map((one) => ({ kind: one.kind, namespace, name: one.meta.name }));
}
