// What a Deployment says of itself, from its ReplicaSets. `kubectl rollout status`, health checks and we all decide by it.
// Source: Kubernetes' pkg/controller/deployment (sync.go, progress.go).
import { type JsonObject, listAt, numberAt, textAt, valueAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';
import type { Rollout } from './rollout';

/** The pods of one ReplicaSet, counted. */
export interface PodCount {
  readonly name: string;
  readonly replicas: number;
  readonly ready: number;
}

export interface Observed {
  readonly rollout: Rollout;
  readonly current: PodCount;
  readonly old: readonly PodCount[];
  /** Whether this reconcile made the current ReplicaSet, or brought an earlier one back. */
  readonly news?: 'created' | 'found';
  /** Why the current ReplicaSet may make no pods: its own condition. */
  readonly failure?: JsonObject;
  /** RFC 3339. */
  readonly time: string;
}

function withoutZeros(counts: Readonly<Record<string, number>>): JsonObject {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

export function conditionOf(object: KubeObject, type: string): JsonObject | undefined {
  return listAt(object, 'status', 'conditions')
    .filter((condition) => typeof condition === 'object' && textAt(condition, 'type') === type)
    .find((condition): condition is JsonObject => condition !== null && !Array.isArray(condition));
}

function condition(
  live: KubeObject,
  { type, status, reason, message }: Readonly<Record<'type' | 'status' | 'reason' | 'message', string>>,
  time: string,
  progress: 'moved' | 'same',
): JsonObject {
  const before = conditionOf(live, type);
  const isSame = textAt(before, 'status') === status && textAt(before, 'reason') === reason;
  const since = textAt(before, 'status') === status ? textAt(before, 'lastTransitionTime') : undefined;
  const updated = isSame && progress === 'same' ? textAt(before, 'lastUpdateTime') : undefined;
  return { type, status, reason, message, lastUpdateTime: updated ?? time, lastTransitionTime: since ?? time };
}

/** Milliseconds since the epoch at which a rollout without progress counts as failed; undefined when nothing is under way. */
export function deadlineOf(deployment: KubeObject): number | undefined {
  const progressing = conditionOf(deployment, 'Progressing');
  const isOver = ['NewReplicaSetAvailable', 'ProgressDeadlineExceeded', 'DeploymentPaused'].includes(
    textAt(progressing, 'reason') ?? '',
  );
  const since = textAt(progressing, 'lastUpdateTime');
  const seconds = numberAt(deployment, 'spec', 'progressDeadlineSeconds');
  return isOver || since === undefined || seconds === undefined ? undefined : Date.parse(since) + seconds * 1000;
}

export function deploymentStatus(
  live: KubeObject,
  { rollout, current, old, news, failure, time }: Observed,
): JsonObject {
  const { desired, unavailable } = rollout;
  const all = [current, ...old];
  const replicas = all.reduce((sum, set) => sum + set.replicas, 0);
  const ready = all.reduce((sum, set) => sum + set.ready, 0);
  const isEnough = ready >= desired - unavailable;
  const available = condition(
    live,
    {
      type: 'Available',
      status: isEnough ? 'True' : 'False',
      reason: isEnough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: `Deployment ${isEnough ? 'has' : 'does not have'} minimum availability.`,
    },
    time,
    'same',
  );
  return {
    observedGeneration: live.metadata.generation ?? 0,
    ...withoutZeros({
      replicas,
      updatedReplicas: current.replicas,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: Math.max(0, Math.max(desired, replicas) - ready),
    }),
    conditions: [
      available,
      progressing(live, { replicas, ready, desired, current, news, time }),
      ...(failure === undefined ? [] : [{ ...failure, lastUpdateTime: textAt(failure, 'lastTransitionTime') ?? time }]),
    ],
  };
}

/** Of a Deployment that is paused while its template is new to it: everything else stays as it was. */
export function pausedStatus(live: KubeObject, time: string): JsonObject {
  const others = listAt(live, 'status', 'conditions').filter((one) => textAt(one, 'type') !== 'Progressing');
  return {
    ...live.status,
    observedGeneration: live.metadata.generation ?? 0,
    conditions: [...others, paused(live, time)],
  };
}

function paused(live: KubeObject, time: string): JsonObject {
  const said = { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' };
  return condition(live, said, time, 'same');
}

interface Progress {
  readonly replicas: number;
  readonly ready: number;
  readonly desired: number;
  readonly current: PodCount;
  readonly news: Observed['news'];
  readonly time: string;
}

function progressing(live: KubeObject, { replicas, ready, desired, current, news, time }: Progress): JsonObject {
  const set = `ReplicaSet "${current.name}"`;
  const say = (status: 'True' | 'False', reason: string, message: string, progress: 'moved' | 'same'): JsonObject =>
    condition(live, { type: 'Progressing', status, reason, message }, time, progress);
  if (valueAt(live, 'spec', 'paused') === true) return paused(live, time);
  if (news === 'created')
    return say('True', 'NewReplicaSetCreated', `Created new replica set "${current.name}"`, 'moved');
  if (news === 'found') return say('True', 'FoundNewReplicaSet', `Found new replica set "${current.name}"`, 'moved');
  if (current.replicas === desired && replicas === desired && ready === desired) {
    return say('True', 'NewReplicaSetAvailable', `${set} has successfully progressed.`, 'same');
  }
  const before = conditionOf(live, 'Progressing');
  const count = (field: string): number => numberAt(live, 'status', field) ?? 0;
  const hasMoved =
    current.replicas > count('updatedReplicas') ||
    ready > count('readyReplicas') ||
    replicas - current.replicas < count('replicas') - count('updatedReplicas');
  if (hasMoved) return say('True', 'ReplicaSetUpdated', `${set} is progressing.`, 'moved');
  const deadline = deadlineOf(live);
  const isLate = deadline !== undefined && Date.parse(time) >= deadline;
  if (isLate) return say('False', 'ProgressDeadlineExceeded', `${set} has timed out progressing.`, 'moved');
  if (before !== undefined && valueAt(before, 'reason') !== 'NewReplicaSetCreated') return before;
  return say('True', 'ReplicaSetUpdated', `${set} is progressing.`, 'same');
}
