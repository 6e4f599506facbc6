// Scans: which tags a registry has, without the excluded ones.
// Source: image-reflector-controller internal/controller/imagerepository_controller.go.
import { defaultExclusionList } from '../../manifests/fluxObjects';
import { parseDuration } from '../../model/duration';
import { parseExclusion } from '../../policy/exclusion';
import { compilePattern } from '../../policy/pattern';
import { parseRelease } from '../../policy/release';
import { listAt, numberAt, textAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';
import { formatTime } from './conditions';
import { type Outcome, requestOf } from './controller';
import { formatGoDuration } from './kstatus';
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
  const wasAtRest = draft.isAtRest;
  await draft.begin({ tellsRequests: true });
  const image = textAt(object, 'spec', 'image') ?? '';
  const fault = imageNameFault(image);
  if (fault !== undefined) return stall(place, draft, fault);
  const { host, path } = parseImageName(image);
  const canonical = `${host}/${path}`;
  const intervalMs = parseDuration(textAt(object, 'spec', 'interval') ?? '') ?? 60_000;
  const exclusions = exclusionsOf(object);
  const due = whenDue(draft, database, { canonical, exclusions, intervalMs });
  if (typeof due === 'number') {
    const next = `next scan in ${formatGoDuration(due)}`;
    const told = `no change in repository configuration since last scan, ${next}`;
    await settle(place, draft, { wasAtRest, told });
    return { next: 'after', ms: due };
  }
  draft.progress(`scanning: ${due}`, due === reasons.emptyDatabase ? 'void' : 'stands');
  await draft.write();
  const timeoutMs = Math.max(1000, parseDuration(textAt(object, 'spec', 'timeout') ?? '') ?? intervalMs);
  try {
    const timed = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const told = await scan(database, draft, { image, canonical, exclusions }, timed);
    await settle(place, draft, { wasAtRest, told: `${told}, next scan in ${formatGoDuration(intervalMs)}` });
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

/** Why a scan is due, in Flux's words. */
const reasons = {
  first: 'first scan',
  requested: 'reconcile requested',
  newImage: 'new image name',
  newExclusions: 'updated exclusion list',
  emptyDatabase: 'no tags in database',
  interval: 'triggered by interval',
} as const;

/** Why to scan now, or milliseconds until the next scan. */
function whenDue(
  draft: StatusDraft,
  database: TagDatabase,
  { canonical, exclusions, intervalMs }: Wanted,
): number | string {
  const { object } = draft;
  const scannedAt = Date.parse(textAt(draft.get('lastScanResult'), 'scanTime') ?? '');
  if (Number.isNaN(scannedAt)) return reasons.first;
  const request = requestOf(object);
  if (request !== undefined && request !== draft.get('lastHandledReconcileAt')) return reasons.requested;
  if (draft.get('canonicalImageName') !== canonical) return reasons.newImage;
  const observed = new Set(listAt(draft.get('observedExclusionList')));
  const isSame = observed.size === new Set(exclusions).size && exclusions.every((entry) => observed.has(entry));
  if (!isSame) return reasons.newExclusions;
  const scan = database.get(keyOf(object));
  if (scan === undefined || scan.tags.length === 0) return reasons.emptyDatabase;
  const due = scannedAt + intervalMs - Date.now();
  return due > 0 ? due : reasons.interval;
}

interface Settled {
  /** Before the run. */
  readonly wasAtRest: boolean;
  /** Of a run that has changed nothing. */
  readonly told: string;
}

/** Ready with what the last scan has found. Source: notify in image-reflector-controller. */
async function settle(place: Workplace, draft: StatusDraft, { wasAtRest, told }: Settled): Promise<void> {
  const result = draft.get('lastScanResult');
  const checksum = textAt(result, 'revision') ?? '';
  const message = `successful scan: found ${numberAt(result, 'tagCount') ?? 0} tags with checksum ${checksum}`;
  const isNews = !wasAtRest || draft.condition('Ready')?.message !== message;
  draft.unmark('Reconciling', 'Stalled');
  draft.mark('Ready', 'True', 'Succeeded', message);
  draft.observe();
  draft.handleRequest();
  await draft.write();
  place.events.send(draft.object, 'Normal', 'Succeeded', isNews ? message : told);
}

export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

interface Target {
  readonly image: string;
  readonly canonical: string;
  readonly exclusions: readonly string[];
}

/** Whether there was something new. */
async function scan(
  database: TagDatabase,
  draft: StatusDraft,
  { image, canonical, exclusions }: Target,
  signal: AbortSignal,
): Promise<string> {
  const exclusion = parseExclusion(exclusions, parseRelease(fluxRelease), compilePattern);
  if (exclusion.kind === 'exclusion-error') throw new RegistryError(exclusion.message);
  const found = await listTags({ image, isInsecure: draft.object.spec?.['insecure'] === true }, signal);
  const tags = found.filter((tag) => exclusion.excludedBy(tag) === undefined).sort((a, b) => (a < b ? 1 : -1));
  const revision = checksumOf(tags);
  const isSame = textAt(draft.get('lastScanResult'), 'revision') === revision;
  database.set(keyOf(draft.object), { tags, revision, exclusions });
  draft.set('canonicalImageName', canonical);
  draft.set('observedExclusionList', exclusions);
  const scanTime = formatTime(Date.now());
  draft.set('lastScanResult', { revision, tagCount: tags.length, scanTime, latestTags: tags.slice(0, 10) });
  return isSame ? 'tags did not change' : 'successful scan';
}

async function stall(place: Workplace, draft: StatusDraft, message: string): Promise<Outcome> {
  draft.markStalled('ImageURLInvalid', message);
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
  const message = `scan failed: ${why}`;
  draft.markRetrying('ReadOperationFailed', message);
  draft.handleRequest();
  await draft.write();
  place.events.send(draft.object, 'Warning', 'ReadOperationFailed', message);
  return { next: 'retry' };
}
