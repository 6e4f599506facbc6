// A workload that left Git: its image is not what the revision that Flux applied says.

import type { RepositoryContent, TagChange } from '../model/facts';
import type { Drift } from '../model/fleet';
import type { Container, Deployment, Kustomization, ManagedFields, Meta } from '../model/flux';
import { formatImage, parseImage } from '../model/image';
import { optional } from '../model/optional';
import { positionOf } from '../model/revision';
import { isOfImage, writtenContainers } from './liveObjects';
import type { DeclaredPlacement } from './placements';
import { writerOf } from './writerOf';

/** A workload that runs another image than the applied revision says, and why it may. */
export interface Stray extends Drift {
  /** Somebody past Git; a controller of Flux itself; nobody, because Flux is told to leave it alone. */
  readonly by: 'hand' | 'flux' | 'nobody';
}

/** What Flux puts back. */
export function driftOf(stray: Stray | undefined): Drift | undefined {
  if (stray?.by !== 'hand') return undefined;
  const { by: _by, ...drift } = stray;
  return drift;
}

export function findStray(
  placement: DeclaredPlacement,
  deployment: Deployment | undefined,
  kustomization: Kustomization | undefined,
  content: RepositoryContent | undefined,
  history: readonly TagChange[] | undefined,
): Stray | undefined {
  if (deployment === undefined || kustomization?.lastAppliedRevision === undefined || content === undefined)
    return undefined;
  const { lastAppliedRevision, lastAttemptedRevision } = kustomization;
  const tags = tagsSince(placement, lastAppliedRevision, content, history);
  const [tag] = tags ?? [];
  if (tags === undefined || tag === undefined) return undefined;
  // While a newer revision is being applied the workload may already be there, also at one that this clone has not seen.
  if (lastAttemptedRevision !== undefined && positionOf(lastAttemptedRevision, content.recent) < 0) return undefined;
  const isOther = (image: string): boolean =>
    !isOfImage(image, placement.image) ||
    (tags.length === 1 &&
      parseImage(image).digest !== undefined &&
      parseImage(image).digest !== placement.written?.digest);
  const astray = writtenContainers(deployment, placement)
    .map((container) => ({ container, writer: imageWriter(deployment.meta, container) }))
    .find(
      ({ container: { image }, writer }) =>
        !tags.includes(parseImage(image).tag) ||
        // An admission webhook may name a mirror, or a digest: then the image is still Flux's.
        (writer !== undefined && !fluxManagers.has(writer.manager) && isOther(image)),
    );
  if (astray === undefined) return undefined;
  const { container, writer } = astray;
  return {
    by:
      leaveAloneMarks(deployment.meta).length > 0
        ? 'nobody'
        : fluxManagers.has(writer?.manager ?? '')
          ? 'flux'
          : 'hand',
    workload: { kind: 'Deployment', name: deployment.meta.name, namespace: deployment.meta.namespace },
    container: container.name,
    expected: formatImage({ name: placement.image, tag }),
    found: container.image,
    ...optional('manager', writer?.manager),
    ...optional('at', writer?.at),
    ...(kustomization.isSuspended ? { stays: true } : optional('returnsBy', nextRun(kustomization, writer?.at))),
  };
}

const fluxManagers: ReadonlySet<string> = new Set(['kustomize-controller', 'helm-controller']);

function imageWriter(meta: Meta, { name }: Container): ManagedFields | undefined {
  return (
    writerOf(meta, `spec.template.spec.containers[name=${name}].image`) ??
    writerOf(meta, `spec.template.spec.initContainers[name=${name}].image`)
  );
}

const group = 'kustomize.toolkit.fluxcd.io';

/** What tells Flux to pass an object by. Source: kustomize-controller apply(), fluxcd/pkg ssa/utils AnyInMetadata. */
const passing = [
  { key: `${group}/reconcile`, values: ['disabled'] },
  { key: `${group}/ssa`, values: ['ignore', 'ifnotpresent'] },
] as const;

export interface LeaveAloneMark {
  readonly as: 'annotation' | 'label';
  readonly key: string;
  readonly value: string;
}

export function leaveAloneMarks({ labels, annotations }: Meta): readonly LeaveAloneMark[] {
  const places = [
    { as: 'annotation', texts: annotations },
    { as: 'label', texts: labels },
  ] as const;
  return places.flatMap(({ as, texts }) =>
    passing.flatMap(({ key, values }): readonly LeaveAloneMark[] => {
      const value = texts[key];
      return values.some((one) => one === value?.toLowerCase()) && value !== undefined ? [{ as, key, value }] : [];
    }),
  );
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
  const position = positionOf(revision, content.recent);
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
