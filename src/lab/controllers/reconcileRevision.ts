// One revision of one Kustomization: build, apply, prune, wait for health, each step told in the conditions before it begins.
import { parseYaml } from '../../manifests/documents';
import { buildFluxKustomization } from '../../manifests/fluxKustomization';
import type { Tree } from '../../manifests/tree';
import type { Kustomization } from '../../model/flux';
import { parseRevision } from '../../model/revision';
import { listAt, textAt } from '../cluster/json';
import type { KubeObject, Ref } from '../cluster/object';
import { type Applied, ApplyError, applySet } from './applySet';
import type { GitMirror } from './gitMirror';
import { awaitHealth } from './healthCheck';
import { inventoryEntry } from './inventory';
import { formatGoDuration, formatSubject } from './kstatus';
import { digestOf, withSnapshot } from './kustomizationHistory';
import { objectOfManifest } from './manifestObject';
import { prune } from './prune';
import type { StatusDraft } from './statusDraft';
import type { Workplace } from './workplace';

export interface Run {
  /** How long health is waited for; a real controller also limits the steps before by it. */
  readonly timeoutMs: number;
  readonly place: Workplace;
  readonly mirror: GitMirror;
  readonly draft: StatusDraft;
  readonly kustomization: Kustomization;
  readonly revision: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** The controller reads the folder's kustomization before it builds, and has other words for it. Measured on Flux 2.9.4. */
function unreadable(tree: Tree, path: string): string | undefined {
  const text = tree.read(`${path === '' ? '' : `${path}/`}kustomization.yaml`) ?? '';
  const [error] = parseYaml(text)[0]?.errors ?? [];
  if (error === undefined) return undefined;
  const line = text.slice(0, error.pos[0]).split('\n').length;
  return `error converting YAML to JSON: yaml: line ${line}: did not find expected key`;
}

/** Undefined when the revision is applied and healthy; else what the event says. The draft carries the conditions. */
export async function reconcileRevision(run: Run, signal: AbortSignal): Promise<string | undefined> {
  const { place, draft, kustomization, revision } = run;
  const isNewRevision = kustomization.lastAppliedRevision !== revision;
  draft.mark('Ready', 'Unknown', 'Progressing', 'Reconciliation in progress');
  await progress(run, 'Fetching manifests');
  const tree = await run.mirror.tree(parseRevision(revision).hash, signal);
  draft.set('lastAttemptedRevision', revision);
  if (!tree.list().some((path) => kustomization.path === '' || path.startsWith(`${kustomization.path}/`))) {
    return failed(
      draft,
      'ArtifactFailed',
      `kustomization path not found: stat ${kustomization.path}: no such file or directory`,
    );
  }
  await progress(run, 'Building manifests');
  const unread = unreadable(tree, kustomization.path);
  if (unread !== undefined) return failed(draft, 'BuildFailed', unread);
  const build = buildFluxKustomization(tree, { object: draft.object });
  const unbuilt = build.error ?? unsupportedMessage(build.unsupported[0]);
  if (unbuilt !== undefined) return failed(draft, 'BuildFailed', `kustomize build failed: ${unbuilt}`);
  const objects = build.objects.map(({ object }) => objectOfManifest(object));
  const digest = digestOf(objects);
  const remember = (status: string): void => {
    const snapshot = { digest, status, revision, at: Date.now(), tookMs: Date.now() - run.startedAt };
    draft.set('history', withSnapshot(draft.get('history'), snapshot));
  };
  await progress(run, 'Detecting drift');
  let applied: readonly Applied[];
  try {
    const { name, namespace } = kustomization.meta;
    applied = applySet(place.store, objects, { name, namespace });
  } catch (error) {
    if (!(error instanceof ApplyError)) throw error;
    remember('ReconciliationFailed');
    // Behind the error Flux names what it has applied before, a line each: here nothing.
    return failed(draft, 'ReconciliationFailed', `${error.message}\n`);
  }
  tell(place, draft, applied);
  const kept = applied.filter(({ action }) => action !== 'skipped');
  if (draft.object.spec?.['prune'] === true) {
    const deleted = prune(
      place.store,
      draft.object,
      applied.map(({ ref }) => ref),
    );
    const lines = deleted.map(({ kind, namespace, name }) => [kind, namespace, name].filter(Boolean).join('/'));
    if (lines.length > 0)
      place.events.send(draft.object, 'Normal', 'Progressing', lines.map((line) => `${line} deleted`).join('\n'));
  }
  draft.set('inventory', { entries: kept.map(({ object }) => inventoryEntry(object)) });
  const hasDrifted = applied.some(({ action }) => action === 'created' || action === 'configured');
  const unhealthy = await checkHealth(run, kept, { isNewRevision, hasDrifted }, signal);
  if (unhealthy !== undefined) {
    remember('HealthCheckFailed');
    return failed(draft, 'HealthCheckFailed', unhealthy);
  }
  remember('ReconciliationSucceeded');
  draft.set('lastAppliedRevision', revision);
  draft.mark('Ready', 'True', 'ReconciliationSucceeded', `Applied revision: ${revision}`);
  return undefined;
}

function unsupportedMessage(found: { readonly what: string; readonly file: string } | undefined): string | undefined {
  return found === undefined ? undefined : `the practice lab does not evaluate ${found.what} (${found.file})`;
}

function failed(draft: StatusDraft, reason: string, message: string): string {
  draft.mark('Ready', 'False', reason, message);
  return message;
}

async function progress({ draft, revision, timeoutMs }: Run, step: string): Promise<void> {
  const limit = formatGoDuration(timeoutMs);
  draft.mark('Reconciling', 'True', 'Progressing', `${step} for revision ${revision} with a timeout of ${limit}`);
  await draft.write();
}

function tell(place: Workplace, draft: StatusDraft, applied: readonly Applied[]): void {
  const lines = applied
    .filter(({ action }) => action === 'created' || action === 'configured')
    .map(({ object, action }) => `${formatSubject(object)} ${action}`);
  if (lines.length > 0) place.events.send(draft.object, 'Normal', 'Progressing', lines.join('\n'));
}

interface Circumstances {
  readonly isNewRevision: boolean;
  readonly hasDrifted: boolean;
}

async function checkHealth(
  run: Run,
  applied: readonly Applied[],
  { isNewRevision, hasDrifted }: Circumstances,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { draft, kustomization, revision, place, timeoutMs } = run;
  const refs = kustomization.waits ? applied.map(({ ref }) => ref) : listedChecks(draft.object);
  if (refs.length === 0) {
    draft.unmark('Healthy');
    return undefined;
  }
  const wasHealthy = draft.condition('Healthy')?.status === 'True';
  const limit = formatGoDuration(timeoutMs);
  const message = `Running health checks for revision ${revision} with a timeout of ${limit}`;
  draft.mark('Reconciling', 'True', 'Progressing', message);
  draft.mark('Healthy', 'Unknown', 'Progressing', message);
  await draft.write();
  const startedAt = Date.now();
  const wait = { store: place.store, refs, pollMs: place.constants.healthPollMs, timeoutMs };
  const unhealthy = await awaitHealth(wait, signal);
  if (unhealthy !== undefined) {
    draft.mark('Healthy', 'False', 'HealthCheckFailed', unhealthy);
    return `health check failed after ${formatGoDuration(Date.now() - startedAt)}: ${unhealthy}`;
  }
  const passed = `Health check passed in ${formatGoDuration(Date.now() - startedAt)}`;
  if (!wasHealthy || (isNewRevision && hasDrifted)) place.events.send(draft.object, 'Normal', 'Progressing', passed);
  draft.mark('Healthy', 'True', 'Succeeded', passed);
  return undefined;
}

function listedChecks({ spec, metadata }: KubeObject): readonly Ref[] {
  return listAt(spec, 'healthChecks').flatMap((entry) => {
    const kind = textAt(entry, 'kind');
    const name = textAt(entry, 'name');
    const namespace = textAt(entry, 'namespace') ?? metadata.namespace;
    if (kind === undefined || name === undefined) return [];
    return [{ kind, name, ...(namespace === undefined ? {} : { namespace }) }];
  });
}
