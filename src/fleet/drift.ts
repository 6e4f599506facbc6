// A workload that left Git: its image is not what the revision that Flux applied says.

import type { RepositoryContent, TagChange } from '../model/facts';
import type { Drift } from '../model/fleet';
import type { Deployment, Kustomization } from '../model/flux';
import { formatImage, parseImage } from '../model/image';
import { optional } from '../model/optional';
import { parseRevision } from '../model/revision';
import { containersOf } from './liveObjects';
import type { DeclaredPlacement } from './placements';
import { writerOf } from './writerOf';

export function deriveDrift(
  placement: DeclaredPlacement,
  deployment: Deployment | undefined,
  kustomization: Kustomization | undefined,
  content: RepositoryContent | undefined,
  history: readonly TagChange[] | undefined,
): Drift | undefined {
  if (deployment === undefined || kustomization?.lastAppliedRevision === undefined || content === undefined)
    return undefined;
  const { lastAppliedRevision, lastAttemptedRevision } = kustomization;
  const tags = tagsSince(placement, lastAppliedRevision, content, history);
  const [tag] = tags ?? [];
  if (tags === undefined || tag === undefined) return undefined;
  const [container] = containersOf(deployment, placement.image);
  if (container === undefined) return undefined;
  // While a newer revision is being applied the workload may already be there, also at one that this clone has not seen.
  if (tags.includes(parseImage(container.image).tag)) return undefined;
  if (lastAttemptedRevision !== undefined && !content.recent.includes(parseRevision(lastAttemptedRevision).hash))
    return undefined;
  const writer = writerOf(deployment.meta, `spec.template.spec.containers[name=${container.name}].image`);
  return {
    workload: { kind: 'Deployment', name: deployment.meta.name, namespace: deployment.meta.namespace },
    container: container.name,
    expected: formatImage({ name: placement.image, tag }),
    found: container.image,
    ...optional('manager', writer?.manager),
    ...optional('at', writer?.at),
    ...(kustomization.isSuspended ? { stays: true } : optional('returnsBy', nextRun(kustomization, writer?.at))),
  };
}

/** An interval after the last run that was seen; a change that came after it is put back by the next one. */
function nextRun({ lastReconciledAt, intervalMs }: Kustomization, changedAt: number | undefined): number | undefined {
  const last = Math.max(lastReconciledAt ?? 0, changedAt ?? 0);
  return last === 0 ? undefined : last + intervalMs;
}

/** The tags that the branch has said since a revision, its own first; undefined where the history at hand does not say. */
function tagsSince(
  placement: DeclaredPlacement,
  revision: string,
  content: RepositoryContent,
  history: readonly TagChange[] | undefined,
): readonly (string | undefined)[] | undefined {
  const position = content.recent.indexOf(parseRevision(revision).hash);
  if (position < 0) return undefined;
  const written = placement.written?.tag;
  if (position === 0) return [written];
  if (history === undefined) return undefined;
  const later = history.filter((change) => {
    const at = content.recent.indexOf(change.commit.hash);
    return at >= 0 && at < position;
  });
  const oldest = later.at(-1);
  return oldest === undefined ? [written] : [oldest.from, ...later.map(({ to }) => to)];
}
