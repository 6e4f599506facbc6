// Selection: which of the scanned tags wins. A failure keeps what was selected before, and what was said before: a policy that
// was already failing keeps its old reason on Ready while Stalled tells the new one.
// Source: image-reflector-controller internal/controller/imagepolicy_controller.go; the last point measured on Flux 2.9.4.
import { decodeFluxObject } from '../../manifests/fluxObjects';
import { parseDuration } from '../../model/duration';
import type { ImagePolicy, LatestRef } from '../../model/flux';
import { select } from '../../policy/select';
import { type JsonObject, listAt, objectAt, textAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';
import type { Outcome } from './controller';
import { imageNameFault, RegistryError, readDigest } from './registryReader';
import type { StatusDraft } from './statusDraft';
import type { TagDatabase } from './tagDatabase';
import { fluxRelease, type Workplace } from './workplace';

/** Why nothing could be selected, and what happens next. */
interface Trouble {
  readonly reason: string;
  readonly message: string;
  readonly next: 'stall' | 'retry' | 'dependency';
}

export async function reconcileImagePolicy(
  place: Workplace,
  database: TagDatabase,
  object: KubeObject,
  signal: AbortSignal,
): Promise<Outcome> {
  const draft = place.draft(object);
  const policy = decodeFluxObject(object);
  if (policy?.kind !== 'ImagePolicy') throw new Error(`${object.kind} ${object.metadata.name} is no ImagePolicy`);
  if (policy.isSuspended) {
    await draft.writeSuspended();
    return { next: 'change' };
  }
  await draft.begin({ tellsRequests: false });
  const chosen = choose(place, database, policy);
  if ('reason' in chosen) return report(place, draft, chosen);
  const digested = await withDigest(place, draft, policy, chosen, signal);
  if ('reason' in digested) return report(place, draft, digested);
  const previous = latestOf(draft.get('latestRef'));
  const isNew = !isSame(previous, digested);
  if (isNew) {
    draft.set('latestRef', { ...digested });
    if (previous !== undefined) draft.set('observedPreviousRef', { ...previous });
  }
  const message = messageOf(digested, latestOf(draft.get('observedPreviousRef')));
  draft.unmark('Reconciling', 'Stalled');
  draft.mark('Ready', 'True', 'Succeeded', message);
  draft.observe();
  draft.handleRequest();
  await draft.write();
  place.events.send(object, 'Normal', 'Succeeded', message);
  const intervalMs = parseDuration(textAt(object, 'spec', 'interval') ?? '');
  const isPolled = policy.digestReflectionPolicy === 'Always' && intervalMs !== undefined;
  return isPolled ? { next: 'after', ms: intervalMs } : { next: 'change' };
}

function choose(place: Workplace, database: TagDatabase, policy: ImagePolicy): LatestRef | Trouble {
  const { name, namespace } = policy.repositoryRef;
  const repository = place.store.get({ kind: 'ImageRepository', name, namespace });
  if (repository === undefined) {
    const why = `referenced ImageRepository does not exist: ImageRepository.image.toolkit.fluxcd.io "${name}" not found`;
    return {
      reason: 'DependencyNotReady',
      message: `failed to get the referred ImageRepository: ${why}`,
      next: 'retry',
    };
  }
  const refused = accessFault(place, repository, policy.meta.namespace);
  if (refused !== undefined) {
    const message = `failed to get the referred ImageRepository: access denied: ${refused}`;
    return { reason: 'AccessDenied', message, next: 'retry' };
  }
  const image = textAt(repository, 'spec', 'image') ?? '';
  const fault = imageNameFault(image);
  if (fault !== undefined) return { reason: 'ImageURLInvalid', message: fault, next: 'stall' };
  const scan = database.get(`${namespace}/${name}`);
  const selection = select(policy.spec, scan?.tags ?? [], { exclude: scan?.exclusions ?? [], flux: fluxRelease });
  if (selection.kind === 'tag') return { name: image, tag: selection.tag };
  if (selection.kind === 'ambiguous') return { name: image, tag: anyOf(selection.tags) };
  const { reason, isStalled } = selection;
  if (reason === 'DependencyNotReady') {
    const wait = place.constants.requeueDependencyMs / 1000;
    const message = `retrying in ${wait}s error: no tags in database`;
    return { reason, message, next: 'dependency' };
  }
  return { reason, message: selection.error, next: isStalled ? 'stall' : 'retry' };
}

/** Flux walks a Go map here, so which one it takes changes from run to run. */
function anyOf(tags: readonly string[]): string {
  return tags[Math.floor(Math.random() * tags.length)] ?? '';
}

/** By the labels of the policy's namespace. Source: fluxcd/pkg runtime/acl. */
function accessFault(place: Workplace, repository: KubeObject, namespace: string): string | undefined {
  if (repository.metadata.namespace === namespace) return undefined;
  const subject = `'${repository.metadata.namespace ?? ''}/${repository.metadata.name}'`;
  const selectors = listAt(repository, 'spec', 'accessFrom', 'namespaceSelectors');
  if (selectors.length === 0) return `${subject} can't be accessed due to missing ACL labels on 'accessFrom'`;
  const labels = objectAt(place.store.get({ kind: 'Namespace', name: namespace }), 'metadata', 'labels');
  const isAllowed = selectors.some((selector) =>
    Object.entries(objectAt(selector, 'matchLabels')).every(([label, value]) => labels[label] === value),
  );
  if (isAllowed) return undefined;
  return `${subject} can't be accessed due to ACL labels mismatch on namespace '${namespace}'`;
}

async function withDigest(
  place: Workplace,
  draft: StatusDraft,
  policy: ImagePolicy,
  chosen: LatestRef,
  signal: AbortSignal,
): Promise<LatestRef | Trouble> {
  const { digestReflectionPolicy } = policy;
  if (digestReflectionPolicy === 'Never') return chosen;
  if (digestReflectionPolicy === 'Always' && textAt(draft.object, 'spec', 'interval') === undefined) {
    const message = "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'";
    return { reason: 'IntervalNotConfigured', message, next: 'stall' };
  }
  const known = latestOf(draft.get('latestRef'));
  const isKnown = known?.digest !== undefined && known.name === chosen.name && known.tag === chosen.tag;
  if (digestReflectionPolicy === 'IfNotPresent' && isKnown) return known;
  try {
    const timed = AbortSignal.any([signal, AbortSignal.timeout(place.constants.requestTimeoutMs)]);
    return { ...chosen, digest: await readDigest(chosen.name, chosen.tag, timed) };
  } catch (error) {
    signal.throwIfAborted();
    const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
    if (!(error instanceof RegistryError) && !isTimeout) throw error;
    const why = isTimeout ? 'context deadline exceeded' : error.message;
    return {
      reason: 'Failed',
      message: `failed fetching digest of ${chosen.name}:${chosen.tag}: ${why}`,
      next: 'retry',
    };
  }
}

async function report(place: Workplace, draft: StatusDraft, { reason, message, next }: Trouble): Promise<Outcome> {
  if (next === 'stall') {
    draft.markStalled(reason, message);
    draft.observe();
  } else {
    draft.markRetrying(reason, message);
  }
  draft.handleRequest();
  await draft.write();
  const ready = draft.condition('Ready');
  place.events.send(draft.object, 'Warning', ready?.reason ?? reason, ready?.message ?? message);
  if (next === 'stall') return { next: 'change' };
  return next === 'retry' ? { next: 'retry' } : { next: 'after', ms: place.constants.requeueDependencyMs };
}

function latestOf(value: JsonObject[string]): LatestRef | undefined {
  const name = textAt(value, 'name');
  const tag = textAt(value, 'tag');
  const digest = textAt(value, 'digest');
  if (name === undefined || tag === undefined) return undefined;
  return { name, tag, ...(digest === undefined ? {} : { digest }) };
}

function isSame(a: LatestRef | undefined, b: LatestRef): boolean {
  return a !== undefined && a.name === b.name && a.tag === b.tag && a.digest === b.digest;
}

function messageOf(latest: LatestRef, previous: LatestRef | undefined): string {
  const digest = latest.digest === undefined ? '' : ` with digest ${latest.digest}`;
  const text = `Latest image tag for ${latest.name} resolved to ${latest.tag}${digest}`;
  if (previous === undefined) return text;
  return `${text} (previously ${previous.name}:${previous.tag}${previous.digest === undefined ? '' : `@${previous.digest}`})`;
}
