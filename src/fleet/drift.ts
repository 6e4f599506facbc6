// A workload that left Git: its image is not what the revision that Flux applied says.

import type { RepositoryContent, TagChange } from '../model/facts';
import type { Drift } from '../model/fleet';
import type { Deployment, Kustomization } from '../model/flux';
import { canonicalImage, formatImage, parseImage } from '../model/image';
import { optional } from '../model/optional';
import { parseRevision } from '../model/revision';
import type { DeclaredPlacement } from './placements';

export function deriveDrift(
  placement: DeclaredPlacement,
  deployment: Deployment | undefined,
  kustomization: Kustomization | undefined,
  content: RepositoryContent | undefined,
  history: readonly TagChange[] | undefined,
): Drift | undefined {
  if (deployment === undefined || kustomization?.lastAppliedRevision === undefined || content === undefined)
    return undefined;
  const tagAt = (revision: string) => tagAtRevision(placement, parseRevision(revision).hash, content, history);
  const tag = tagAt(kustomization.lastAppliedRevision);
  if (tag === undefined) return undefined;
  const container = deployment.containers.find(
    (one) => canonicalImage(parseImage(one.image).name) === canonicalImage(placement.image),
  );
  if (container === undefined) return undefined;
  const found = parseImage(container.image).tag;
  // While a newer revision is being applied the workload may already be there.
  const attempted = kustomization.lastAttemptedRevision;
  if (found === tag || (attempted !== undefined && found === tagAt(attempted))) return undefined;
  const path = `spec.template.spec.containers[name=${container.name}].image`;
  const writer = deployment.meta.managedFields
    .filter((fields) => fields.paths.includes(path))
    .toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0))[0];
  return {
    workload: { kind: 'Deployment', name: deployment.meta.name, namespace: deployment.meta.namespace },
    container: container.name,
    expected: formatImage({ name: placement.image, tag }),
    found: container.image,
    ...optional('manager', writer?.manager),
    ...optional('at', writer?.at),
  };
}

/** The written tag as of a commit of the branch; undefined where the history at hand does not say. */
function tagAtRevision(
  placement: DeclaredPlacement,
  hash: string,
  content: RepositoryContent,
  history: readonly TagChange[] | undefined,
): string | undefined {
  const position = content.recent.indexOf(hash);
  if (position < 0) return undefined;
  if (position === 0) return placement.written?.tag;
  if (history === undefined) return undefined;
  const later = history.filter((change) => {
    const at = content.recent.indexOf(change.commit.hash);
    return at >= 0 && at < position;
  });
  const oldest = later.at(-1);
  return oldest === undefined ? placement.written?.tag : oldest.from;
}
