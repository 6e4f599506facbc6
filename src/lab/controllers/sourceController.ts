// source-controller for GitRepository: which commit the reference names now. The artifact is the commit itself, in the mirror that
// the lab's controllers share; a real one packs it into a tarball. Source: source-controller gitrepository_controller.go.
import { parseDuration } from '../../model/duration';
import { type JsonObject, objectAt, textAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';
import type { Store } from '../cluster/store';
import { formatTime } from './conditions';
import type { ControllerConstants } from './constants';
import { Controller, type Outcome } from './controller';
import { checkoutOf, type Resolved, resolveCheckout } from './gitCheckout';
import type { Archive, GitMirror } from './gitMirror';
import { GitRemoteError, readRefs } from './gitRemote';
import type { StatusDraft } from './statusDraft';
import { type Workplace, workplaceOf } from './workplace';

export function startSourceController(
  store: Store,
  mirror: GitMirror,
  constants: ControllerConstants,
  onBug: (error: unknown) => void,
): Controller {
  const place = workplaceOf(store, constants, 'source-controller');
  return new Controller({
    kind: 'GitRepository',
    cluster: store,
    constants,
    triggers: [],
    onBug,
    reconcile: (object, signal) => reconcile(place, mirror, object, signal),
  });
}

async function reconcile(
  place: Workplace,
  mirror: GitMirror,
  object: KubeObject,
  signal: AbortSignal,
): Promise<Outcome> {
  const draft = place.draft(object);
  if (object.spec?.['suspend'] === true) {
    await draft.writeSuspended();
    return { next: 'change' };
  }
  await draft.begin({ tellsRequests: true });
  if (draft.get('artifact') === undefined) {
    draft.progress('building artifact', 'void');
    await draft.write();
  }
  const url = textAt(object, 'spec', 'url') ?? '';
  const limit = parseDuration(textAt(object, 'spec', 'timeout') ?? '') ?? place.constants.requestTimeoutMs;
  const checkout = checkoutOf(objectAt(object, 'spec', 'ref'));
  try {
    const timed = AbortSignal.any([signal, AbortSignal.timeout(limit)]);
    const found = resolveCheckout(checkout, await readRefs(url, timed), url);
    await store(place, mirror, draft, { url, found }, timed);
  } catch (error) {
    signal.throwIfAborted();
    await fail(place, draft, url, limit, error);
    return { next: 'retry' };
  }
  return { next: 'after', ms: parseDuration(textAt(object, 'spec', 'interval') ?? '') ?? 60_000 };
}

interface Finding {
  readonly url: string;
  readonly found: Resolved;
}

async function store(
  place: Workplace,
  mirror: GitMirror,
  draft: StatusDraft,
  { url, found }: Finding,
  signal: AbortSignal,
): Promise<void> {
  const { object } = draft;
  const known = textAt(draft.get('artifact'), 'revision');
  const hadFailed = draft.condition('FetchFailed') !== undefined;
  if (known !== found.revision) {
    const message = `new upstream revision '${found.revision}'`;
    draft.unmark('FetchFailed');
    if (known !== undefined) draft.mark('ArtifactOutdated', 'True', 'NewRevision', message);
    draft.progress(`building artifact: ${message}`, 'void');
    await draft.write();
  }
  await mirror.fetch(url, found.ref, found.commit, signal);
  const message = `stored artifact for revision '${found.revision}'`;
  draft.unmark('FetchFailed', 'ArtifactOutdated', 'Reconciling', 'Stalled');
  draft.mark('ArtifactInStorage', 'True', 'Succeeded', message);
  draft.mark('Ready', 'True', 'Succeeded', message);
  if (known !== found.revision)
    draft.set('artifact', artifactOf(object, found, await mirror.archive(found.commit, signal)));
  draft.observe();
  draft.handleRequest();
  await draft.write();
  if (known === found.revision) {
    if (hadFailed) place.events.send(object, 'Normal', 'Succeeded', `stored artifact for commit '${found.revision}'`);
    const unchanged = `no changes since last reconciliation: observed revision '${found.revision}'`;
    place.events.send(object, 'Normal', 'GitOperationSucceeded', unchanged);
  } else {
    const subject = await mirror.subject(found.commit, signal);
    place.events.send(object, 'Normal', 'NewArtifact', `stored artifact for commit '${subject}'`);
  }
}

function artifactOf({ metadata }: KubeObject, { revision, commit }: Resolved, archive: Archive): JsonObject {
  const path = `gitrepository/${metadata.namespace ?? ''}/${metadata.name}/${commit}.tar.gz`;
  return {
    digest: archive.digest,
    lastUpdateTime: formatTime(Date.now()),
    path,
    revision,
    size: archive.size,
    url: `http://source-controller.flux-system.svc.cluster.local./${path}`,
  };
}

async function fail(place: Workplace, draft: StatusDraft, url: string, limitMs: number, error: unknown): Promise<void> {
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
  if (!(error instanceof GitRemoteError) && !isTimeout) throw error;
  const why = isTimeout
    ? `unable to list remote for '${url}': context deadline exceeded after ${limitMs} ms`
    : error.message;
  const message = `failed to checkout and determine revision: ${why}`;
  draft.mark('FetchFailed', 'True', 'GitOperationFailed', message);
  draft.markRetrying('GitOperationFailed', message);
  draft.handleRequest();
  await draft.write();
  place.events.send(draft.object, 'Warning', 'GitOperationFailed', message);
}
