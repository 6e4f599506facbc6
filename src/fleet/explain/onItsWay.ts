// What Git declares and the cluster does not have: no fault while the Kustomization that applies it has not come to the commit
// that is read here. A new service, a renamed object and a new cluster look like this for as long as Flux takes.
import type { RepositoryContent } from '../../model/facts';
import type { Fault } from '../../model/fault';
import type { GitRepository, Kustomization } from '../../model/flux';
import type { DeclaredObject } from '../../model/manifest';
import { valueOf } from '../../model/reading';
import { parseRevision } from '../../model/revision';
import { findObject, type LiveObjects } from '../liveObjects';
import { stateOfFlux } from '../objectState';
import { keyOf } from '../placements';
import { type DiagnosisInput, nameOf, ofObject, placeOf, refer, waitingFault } from './diagnosis';
import { reconcileStep } from './steps';

/** The fault that the cluster does not have what Git declares; a wait in its place, where that is still to come. */
export function unlessOnItsWay(input: DiagnosisInput, fault: Fault, declared: DeclaredObject | undefined): Fault {
  const content = valueOf(input.content);
  if (content === undefined || declared === undefined) return fault;
  const kustomization = findAwaited(input, content, declared.file, new Set());
  if (kustomization === undefined) return fault;
  const { commit } = content;
  const source = findObject(input.live.gitRepositories, kustomization.sourceRef);
  const isFetched = source === undefined || isOf(commit.hash, source.artifact?.revision);
  const first = isFetched ? kustomization : source;
  const object = refer(first);
  const common = ofObject(first);
  const does = isFetched ? deedOf(kustomization, commit.hash) : `has fetched ${shortOf(source.artifact?.revision)}`;
  const text = `${fault.text}: ${nameOf(object)} ${does}, the clone is at ${commit.hash.slice(0, 7)}`;
  return waitingFault(fault.code, text, {
    ...common,
    ...placeOf(declared),
    since: Math.max(commit.at, first.meta.createdAt ?? 0),
    usualMs: first.intervalMs,
    steps: [reconcileStep(object), ...common.steps],
    remedy: {
      text: 'Wait until the cluster and the clone are at one commit, or ask Flux for it now.',
      command: 'reconcileNow',
    },
  });
}

/** The Kustomization that builds the file and is not at the clone's commit; one that is itself to come is awaited by its own file. */
function findAwaited(
  input: DiagnosisInput,
  content: RepositoryContent,
  file: string,
  asked: ReadonlySet<string>,
): Kustomization | undefined {
  const { live, placement } = input;
  for (const { kustomization: reference, files } of content.manifests.roots) {
    if (reference === undefined || !files.includes(file)) continue;
    const key = keyOf(reference);
    const found = findObject(live.kustomizations, reference);
    if (found === undefined) {
      if (live.kustomizations.state !== 'known' || asked.has(key)) continue;
      const parent = findAwaited(input, content, reference.file, new Set([...asked, key]));
      if (parent !== undefined) return parent;
      continue;
    }
    // What it applies of another source is no commit of this clone.
    if (found.sourceRef.kind !== 'GitRepository' || isAt(content.commit.hash, found, live)) continue;
    // What stops the placement's own is told by its own link; of another one nobody tells.
    const isOwn = placement.kustomization !== undefined && keyOf(placement.kustomization) === key;
    const isStopped = [found, findObject(live.gitRepositories, found.sourceRef)].some(
      (one) => one !== undefined && doesNotGoOn(one),
    );
    if (isOwn || !isStopped) return found;
  }
  return undefined;
}

/** What it has applied, what it is at, and what its source has fetched are one with the clone. */
function isAt(hash: string, kustomization: Kustomization, live: LiveObjects): boolean {
  const { lastAppliedRevision: applied, lastAttemptedRevision: attempted = applied, sourceRef } = kustomization;
  const fetched = findObject(live.gitRepositories, sourceRef)?.artifact?.revision ?? applied;
  return [applied, attempted, fetched].every((revision) => isOf(hash, revision));
}

function isOf(hash: string, revision: string | undefined): boolean {
  return revision !== undefined && parseRevision(revision).hash === hash;
}

function doesNotGoOn(object: GitRepository | Kustomization): boolean {
  return object.isSuspended || stateOfFlux(object).state === 'failed';
}

function deedOf({ lastAppliedRevision, lastAttemptedRevision }: Kustomization, hash: string): string {
  return isOf(hash, lastAppliedRevision)
    ? `is at work on ${shortOf(lastAttemptedRevision)}`
    : `has applied ${shortOf(lastAppliedRevision)}`;
}

function shortOf(revision: string | undefined): string {
  return revision === undefined ? 'nothing yet' : parseRevision(revision).hash.slice(0, 7);
}
