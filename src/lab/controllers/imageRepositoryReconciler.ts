// Scans: which tags a registry has, without the excluded ones.
// Source: image-reflector-controller internal/controller/imagerepository_controller.go.
import { defaultExclusionList } from '../../manifests/fluxObjects';
import { parseDuration } from '../../model/duration';
import { parseExclusion } from '../../policy/exclusion';
import { compilePattern } from '../../policy/pattern';
import { parseRelease } from '../../policy/release';
import { listAt, textAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';
import { formatTime } from './conditions';
import { type Outcome, requestOf } from './controller';
import { imageNameFault, listTags, parseImageName, RegistryError } from './registryReader';
import type { StatusDraft } from './statusDraft';
import { checksumOf, type TagDatabase } from './tagDatabase';
import { fluxRelease, type Workplace } from './workplace';

export async function reconcileImageRepository(
  place: Workplace,
  database: TagDatabase,
  object: KubeObject,
  signal: AbortSignal,
): Promise<Outcome> {
  const draft = place.draft(object);
  if (object.spec?.['suspend'] === true) {
    await draft.writeSuspended();
    return { next: 'change' };
  }
  const image = textAt(object, 'spec', 'image') ?? '';
  const fault = imageNameFault(image);
  if (fault !== undefined) return stall(place, draft, fault);
  const { host, path } = parseImageName(image);
  const canonical = `${host}/${path}`;
  const intervalMs = parseDuration(textAt(object, 'spec', 'interval') ?? '') ?? 60_000;
  const exclusions = exclusionsOf(object);
  const due = whenDue(draft, database, { canonical, exclusions, intervalMs });
  if (due > 0) {
    draft.observe();
    await draft.write();
    return { next: 'after', ms: due };
  }
  await announce(draft);
  const timeoutMs = Math.max(1000, parseDuration(textAt(object, 'spec', 'timeout') ?? '') ?? intervalMs);
  try {
    const timed = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    await scan(place, database, draft, { image, canonical, exclusions }, timed);
  } catch (error) {
    signal.throwIfAborted();
    return fail(place, draft, error);
  }
  return { next: 'after', ms: intervalMs };
}

function exclusionsOf(object: KubeObject): readonly string[] {
  const given = listAt(object, 'spec', 'exclusionList').filter((entry) => typeof entry === 'string');
  return given.length === 0 ? defaultExclusionList : given;
}

interface Wanted {
  readonly canonical: string;
  readonly exclusions: readonly string[];
  readonly intervalMs: number;
}

/** Milliseconds until the next scan; 0 when something calls for one now. */
function whenDue(draft: StatusDraft, database: TagDatabase, { canonical, exclusions, intervalMs }: Wanted): number {
  const { object } = draft;
  const scannedAt = Date.parse(textAt(draft.get('lastScanResult'), 'scanTime') ?? '');
  const request = requestOf(object);
  const observed = new Set(listAt(draft.get('observedExclusionList')));
  const hasSameExclusions =
    observed.size === new Set(exclusions).size && exclusions.every((entry) => observed.has(entry));
  const mustScan =
    Number.isNaN(scannedAt) ||
    (request !== undefined && request !== draft.get('lastHandledReconcileAt')) ||
    draft.get('canonicalImageName') !== canonical ||
    !hasSameExclusions ||
    database.get(keyOf(object)) === undefined;
  return mustScan ? 0 : Math.max(0, scannedAt + intervalMs - Date.now());
}

export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Only a new generation is announced; a routine scan leaves Ready alone until it has ended. */
async function announce(draft: StatusDraft): Promise<void> {
  if (draft.get('observedGeneration') === draft.object.metadata.generation) return;
  draft.mark('Reconciling', 'True', 'Progressing', 'reconciliation in progress');
  draft.mark('Ready', 'Unknown', 'Progressing', 'reconciliation in progress');
  await draft.write();
}

interface Target {
  readonly image: string;
  readonly canonical: string;
  readonly exclusions: readonly string[];
}

async function scan(
  place: Workplace,
  database: TagDatabase,
  draft: StatusDraft,
  { image, canonical, exclusions }: Target,
  signal: AbortSignal,
): Promise<void> {
  const exclusion = parseExclusion(exclusions, parseRelease(fluxRelease), compilePattern);
  if (exclusion.kind === 'exclusion-error') throw new RegistryError(exclusion.message);
  const found = await listTags(image, signal);
  const tags = found.filter((tag) => exclusion.excludedBy(tag) === undefined).sort((a, b) => (a < b ? 1 : -1));
  const revision = checksumOf(tags);
  const previous = database.get(keyOf(draft.object));
  database.set(keyOf(draft.object), { tags, revision, exclusions });
  const message = `successful scan: found ${tags.length} tags with checksum ${revision}`;
  draft.unmark('Reconciling', 'Stalled');
  draft.mark('Ready', 'True', 'Succeeded', message);
  draft.set('canonicalImageName', canonical);
  draft.set('observedExclusionList', exclusions);
  const scanTime = formatTime(Date.now());
  draft.set('lastScanResult', { revision, tagCount: tags.length, scanTime, latestTags: tags.slice(0, 10) });
  draft.observe();
  draft.handleRequest();
  await draft.write();
  if (previous?.revision !== revision) place.events.send(draft.object, 'Normal', 'Succeeded', message);
}

async function stall(place: Workplace, draft: StatusDraft, message: string): Promise<Outcome> {
  draft.markStalled('ImageURLInvalid', message);
  draft.mark('Ready', 'False', 'ImageURLInvalid', message);
  draft.observe();
  draft.handleRequest();
  await draft.write();
  place.events.send(draft.object, 'Warning', 'ImageURLInvalid', message);
  return { next: 'change' };
}

async function fail(place: Workplace, draft: StatusDraft, error: unknown): Promise<Outcome> {
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
  if (!(error instanceof RegistryError) && !isTimeout) throw error;
  const why = isTimeout ? 'context deadline exceeded' : error.message;
  const message = why.startsWith('failed to compile') ? why : `scan failed: ${why}`;
  draft.mark('Reconciling', 'True', 'ProgressingWithRetry', message);
  draft.markRetrying('ReadOperationFailed', message);
  draft.handleRequest();
  await draft.write();
  place.events.send(draft.object, 'Warning', 'ReadOperationFailed', message);
  return { next: 'retry' };
}
