// What a controller that waits makes of an object: is it as its spec says, on its way, or failed for good.
// Source: fluxcd/cli-utils pkg/kstatus/status/{generic,core}.go.
import { numberAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';
import { conditionOf } from './conditions';

export type Kstatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating';

const noDeadline = 2_147_483_647;

export function kstatusOf(object: KubeObject): Kstatus {
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const observed = numberAt(object, 'status', 'observedGeneration');
  if (observed !== undefined && observed !== (object.metadata.generation ?? 0)) return 'InProgress';
  if (conditionOf(object, 'Reconciling')?.status === 'True') return 'InProgress';
  if (conditionOf(object, 'Stalled')?.status === 'True') return 'Failed';
  if (object.kind === 'Deployment') return deployment(object);
  if (object.kind === 'ReplicaSet') return replicas(object);
  const ready = conditionOf(object, 'Ready');
  if (ready === undefined) return 'Current';
  return ready.status === 'True' ? 'Current' : 'InProgress';
}

function count(object: KubeObject, field: string): number {
  return numberAt(object, 'status', field) ?? 0;
}

function deployment(object: KubeObject): Kstatus {
  const progressing = conditionOf(object, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return 'Failed';
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const updated = count(object, 'updatedReplicas');
  if (count(object, 'replicas') < wanted || updated < wanted) return 'InProgress';
  if (count(object, 'replicas') > wanted) return 'InProgress';
  if (count(object, 'availableReplicas') < updated || count(object, 'readyReplicas') < wanted) return 'InProgress';
  const deadline = numberAt(object, 'spec', 'progressDeadlineSeconds') ?? noDeadline;
  const isAvailable = progressing?.status === 'True' && progressing.reason === 'NewReplicaSetAvailable';
  if (deadline !== noDeadline && !isAvailable) return 'InProgress';
  return conditionOf(object, 'Available')?.status === 'True' ? 'Current' : 'InProgress';
}

function replicas(object: KubeObject): Kstatus {
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const isComplete =
    count(object, 'replicas') === wanted &&
    count(object, 'readyReplicas') >= wanted &&
    count(object, 'availableReplicas') >= wanted;
  return isComplete ? 'Current' : 'InProgress';
}

/** As kustomize-controller names an object in its messages: `Deployment/production/backend`. */
export function formatSubject({ kind, metadata }: KubeObject): string {
  return [kind, metadata.namespace, metadata.name].filter((part) => part !== undefined && part !== '').join('/');
}

/** Go's way to write a span: `5.02s`, `1m30s`, `850ms`. */
export function formatGoDuration(ms: number): string {
  if (ms < 1000) return ms === 0 ? '0s' : `${Math.round(ms)}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = Math.round(ms % 60_000) / 1000;
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}
