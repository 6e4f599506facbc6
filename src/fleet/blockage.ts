// A Kustomization that waits for the health of what it has applied looks at no newer revision meanwhile: a rollback in Git
// is stuck behind the bad version. Source: kustomize-controller 1.9, kustomization_controller.go checkHealth (its feature
// gate CancelHealthCheckOnNewRevision is off by default).
import type { Blockage } from '../model/fleet';
import type { Kustomization } from '../model/flux';
import { optional } from '../model/optional';
import { positionOf } from '../model/revision';
import { conditionOf } from './objectState';

/** Undefined where it does not wait. The condition Healthy is Unknown exactly while it does, for `spec.timeout` at the most. */
export function deriveBlockage(kustomization: Kustomization | undefined): Blockage | undefined {
  const healthy = kustomization && conditionOf(kustomization.conditions, 'Healthy');
  if (kustomization === undefined || kustomization.isSuspended || healthy?.status !== 'Unknown') return undefined;
  const { meta, lastAttemptedRevision, timeoutMs } = kustomization;
  return {
    kustomization: { kind: 'Kustomization', name: meta.name, namespace: meta.namespace },
    ...optional('revision', lastAttemptedRevision),
    ...optional('until', healthy.since === undefined ? undefined : healthy.since + timeoutMs),
  };
}

/** Whether a commit has to wait: not where what is waited for is the commit itself, or newer. `recent` are hashes, newest first. */
export function keepsWaiting({ revision }: Blockage, commit: string, recent: readonly string[]): boolean {
  const waitsFor = revision === undefined ? -1 : positionOf(revision, recent);
  return waitsFor < 0 || waitsFor > recent.indexOf(commit);
}
