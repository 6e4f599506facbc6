// kustomize-controller: what Git says at the source's revision is what the cluster gets, and drift ends at the next reconcile.
// Nothing watches the applied objects, and while one Kustomization waits for health it is blind to new revisions and requests.
// Source: kustomize-controller internal/controller/kustomization_controller.go.
import { decodeFluxObject } from '../../manifests/fluxObjects';
import { parseDuration } from '../../model/duration';
import type { Kustomization } from '../../model/flux';
import { textAt } from '../cluster/json';
import { type KubeObject, type Ref, refOf } from '../cluster/object';
import type { Store } from '../cluster/store';
import { applyManager } from './applySet';
import { conditionOf } from './conditions';
import type { ControllerConstants } from './constants';
import { Controller, type Outcome, type Trigger } from './controller';
import type { GitMirror } from './gitMirror';
import { formatGoDuration } from './kstatus';
import { prune } from './prune';
import { type Run, reconcileRevision } from './reconcileRevision';
import type { StatusDraft } from './statusDraft';
import { type Workplace, workplaceOf } from './workplace';

const finalizer = 'finalizers.fluxcd.io';

export function startKustomizeController(
  store: Store,
  mirror: GitMirror,
  constants: ControllerConstants,
  onBug: (error: unknown) => void,
): Controller {
  const place = workplaceOf(store, constants, applyManager);
  const newRevision: Trigger = {
    kind: 'GitRepository',
    concerns: (after, before) => (revisionOf(after) === revisionOf(before) ? [] : followersOf(store, after)),
  };
  return new Controller({
    kind: 'Kustomization',
    cluster: store,
    constants,
    triggers: [newRevision],
    onBug,
    reconcile: (object, signal) => reconcile(place, mirror, object, signal),
  });
}

function revisionOf(repository: KubeObject | undefined): string | undefined {
  return textAt(repository, 'status', 'artifact', 'revision');
}

/** The Kustomizations of a source that have not tried its revision, or did not get it Ready. */
function followersOf(store: Store, repository: KubeObject): readonly Ref[] {
  const { name, namespace } = repository.metadata;
  return store
    .list('Kustomization')
    .items.filter((object) => {
      const { sourceRef, lastAttemptedRevision } = decode(object);
      const isFollower = sourceRef.name === name && sourceRef.namespace === namespace;
      const isReady = conditionOf(object, 'Ready')?.status === 'True';
      return isFollower && !(isReady && lastAttemptedRevision === revisionOf(repository));
    })
    .map(refOf);
}

function decode(object: KubeObject): Kustomization {
  const decoded = decodeFluxObject(object);
  if (decoded?.kind !== 'Kustomization') throw new Error(`${object.metadata.name} is no Flux Kustomization`);
  return decoded;
}

async function reconcile(
  place: Workplace,
  mirror: GitMirror,
  object: KubeObject,
  signal: AbortSignal,
): Promise<Outcome> {
  const kustomization = decode(object);
  if (object.metadata.deletionTimestamp !== undefined) return finish(place, object, kustomization);
  if (!(object.metadata.finalizers ?? []).includes(finalizer)) {
    const finalizers = [...(object.metadata.finalizers ?? []), finalizer];
    place.store.patch(
      refOf(object),
      { type: 'merge', body: { metadata: { finalizers } } },
      { fieldManager: applyManager },
    );
  }
  const draft = place.draft(object);
  if (kustomization.isSuspended) {
    await draft.writeSuspended();
    return { next: 'change' };
  }
  const outcome = await attempt(place, mirror, { draft, kustomization }, signal);
  draft.handleRequest();
  if (draft.isReady) {
    draft.unmark('Reconciling');
    draft.observe();
  } else if (draft.condition('Reconciling') !== undefined) {
    draft.mark('Reconciling', 'True', 'ProgressingWithRetry', draft.condition('Reconciling')?.message ?? '');
  }
  await draft.write();
  return outcome;
}

interface Attempt {
  readonly draft: StatusDraft;
  readonly kustomization: Kustomization;
}

async function attempt(
  place: Workplace,
  mirror: GitMirror,
  { draft, kustomization }: Attempt,
  signal: AbortSignal,
): Promise<Outcome> {
  const { object } = draft;
  const { sourceRef, intervalMs } = kustomization;
  const retryMs = parseDuration(textAt(object, 'spec', 'retryInterval') ?? '') ?? intervalMs;
  const dependencyMs = place.constants.requeueDependencyMs;
  const source = place.store.get({ kind: 'GitRepository', name: sourceRef.name, namespace: sourceRef.namespace });
  if (source === undefined) {
    const missing = `${sourceRef.kind.toLowerCase()}s.source.toolkit.fluxcd.io "${sourceRef.name}" not found`;
    draft.mark('Ready', 'False', 'ArtifactFailed', missing.replace('gitrepositorys', 'gitrepositories'));
    return { next: 'after', ms: retryMs };
  }
  const revision = revisionOf(source);
  if (revision === undefined) {
    const message = `Source artifact not found, retrying in ${formatGoDuration(dependencyMs)}`;
    draft.mark('Ready', 'False', 'ArtifactFailed', message);
    return { next: 'after', ms: dependencyMs };
  }
  const unmet = unmetDependency(place.store, kustomization, revision);
  if (unmet !== undefined) {
    draft.mark('Ready', 'False', 'DependencyNotReady', unmet);
    const message = `Dependencies do not meet ready condition, retrying in ${formatGoDuration(dependencyMs)}`;
    place.events.send(object, 'Normal', 'DependencyNotReady', message);
    return { next: 'after', ms: dependencyMs };
  }
  const startedAt = Date.now();
  const given = parseDuration(textAt(object, 'spec', 'timeout') ?? '') ?? intervalMs - 30_000;
  const timeoutMs = Math.max(place.constants.leastTimeoutMs, given);
  const run: Run = { place, mirror, draft, kustomization, revision, startedAt, timeoutMs };
  const failure = await reconcileRevision(run, signal);
  if (failure !== undefined) {
    place.events.send(object, 'Warning', draft.condition('Ready')?.reason ?? 'error', failure);
    return { next: 'after', ms: retryMs };
  }
  const took = formatGoDuration(Date.now() - startedAt);
  const message = `Reconciliation finished in ${took}, next run in ${formatGoDuration(intervalMs)}`;
  place.events.send(object, 'Normal', 'ReconciliationSucceeded', message);
  return { next: 'after', ms: intervalMs };
}

/** Why a dependency does not do yet: it must be Ready, and at the same revision when both have the same source. */
function unmetDependency(store: Store, { dependsOn, sourceRef }: Kustomization, revision: string): string | undefined {
  for (const { name, namespace } of dependsOn) {
    const subject = `${namespace}/${name}`;
    const object = store.get({ kind: 'Kustomization', name, namespace });
    if (object === undefined) {
      return `dependency '${subject}' not found: kustomizations.kustomize.toolkit.fluxcd.io "${name}" not found`;
    }
    const dependency = decode(object);
    const isObserved = dependency.observedGeneration === dependency.meta.generation;
    if (!isObserved || conditionOf(object, 'Ready')?.status !== 'True') return `dependency '${subject}' is not ready`;
    const hasSameSource =
      dependency.sourceRef.name === sourceRef.name && dependency.sourceRef.namespace === sourceRef.namespace;
    if (hasSameSource && dependency.lastAppliedRevision !== revision) {
      return `dependency '${subject}' revision is not up to date`;
    }
  }
  return undefined;
}

/** The Kustomization is being deleted: what it has applied goes with it, unless it never pruned. */
function finish(place: Workplace, object: KubeObject, kustomization: Kustomization): Outcome {
  const finalizers = (object.metadata.finalizers ?? []).filter((entry) => entry !== finalizer);
  if (finalizers.length === object.metadata.finalizers?.length) return { next: 'change' };
  if (object.spec?.['prune'] === true && !kustomization.isSuspended) prune(place.store, object, []);
  place.store.patch(
    refOf(object),
    { type: 'merge', body: { metadata: { finalizers } } },
    { fieldManager: applyManager },
  );
  return { next: 'change' };
}
