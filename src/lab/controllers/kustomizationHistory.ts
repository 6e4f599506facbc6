// `status.history`: at most five snapshots, newest first; the same build with the same outcome counts up.
// Source: fluxcd/pkg apis/meta/history.go.
import { createHash } from 'node:crypto';
import { isObject, type Json, type JsonObject, listAt, numberAt, textAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';
import { formatTime } from './conditions';
import { formatGoDuration } from './kstatus';

export interface Snapshot {
  readonly digest: string;
  /** The reason on Ready. */
  readonly status: string;
  readonly revision: string;
  /** Milliseconds since the epoch, and a span. */
  readonly at: number;
  readonly tookMs: number;
}

export function digestOf(objects: readonly KubeObject[]): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(objects)).digest('hex')}`;
}

export function withSnapshot(history: Json | undefined, snapshot: Snapshot): readonly JsonObject[] {
  const { digest, status, revision, at, tookMs } = snapshot;
  const known = listAt(history).filter(isObject);
  const isSame = (entry: JsonObject): boolean =>
    textAt(entry, 'digest') === digest && textAt(entry, 'lastReconciledStatus') === status;
  const same = known.find(isSame);
  const time = formatTime(at);
  const entry: JsonObject = {
    digest,
    firstReconciled: textAt(same, 'firstReconciled') ?? time,
    lastReconciled: time,
    lastReconciledDuration: formatGoDuration(tookMs),
    lastReconciledStatus: status,
    totalReconciliations: (numberAt(same, 'totalReconciliations') ?? 0) + 1,
    metadata: { revision },
  };
  return [entry, ...known.filter((other) => other !== same)].slice(0, 5);
}
