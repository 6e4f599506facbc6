// Where a Flux object or a workload stands, by kstatus' rules. Stalled is read before Ready, whose text may be older.
// Source: fluxcd/cli-utils pkg/kstatus/status/{generic,core}.go.
import type { Condition, Deployment, FluxObject } from '../model/flux';

export type ObjectState =
  | { readonly state: 'current' }
  | { readonly state: 'suspended' }
  | { readonly state: 'progressing'; readonly reason: string; readonly since?: number }
  | { readonly state: 'failed'; readonly reason: string; readonly since?: number };

export function conditionOf(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

/** A failing object keeps Reconciling=True while it retries, so Ready=False is read before Reconciling. */
export function stateOfFlux(object: FluxObject): ObjectState {
  const stalled = conditionOf(object.conditions, 'Stalled');
  if (stalled?.status === 'True') return failedBy(stalled);
  const ready = conditionOf(object.conditions, 'Ready');
  if (ready?.status === 'False' && ready.reason !== 'Progressing') return failedBy(ready);
  if (object.isSuspended) return { state: 'suspended' };
  if (object.meta.generation !== undefined && object.observedGeneration !== object.meta.generation) {
    return { state: 'progressing', reason: 'its controller has not seen the latest change yet' };
  }
  const reconciling = conditionOf(object.conditions, 'Reconciling');
  if (reconciling?.status === 'True') return progressingBy(reconciling);
  if (ready === undefined) return { state: 'progressing', reason: 'waiting to be reconciled' };
  return ready.status === 'True' ? { state: 'current' } : progressingBy(ready);
}

function failedBy(condition: Condition): ObjectState {
  return { state: 'failed', reason: wordsOf(condition, [condition.reason, condition.message]), ...since(condition) };
}

function progressingBy(condition: Condition): ObjectState {
  const reason = wordsOf(condition, [condition.message || condition.reason]);
  return { state: 'progressing', reason, ...since(condition) };
}

/** A condition may come without a reason and without a message. */
function wordsOf({ type, status }: Condition, words: readonly string[]): string {
  return words.filter((one) => one !== '').join(': ') || `its condition ${type} is ${status}, and no reason is given`;
}

function since(condition: Condition): { readonly since?: number } {
  return condition.since === undefined ? {} : { since: condition.since };
}

export function stateOfDeployment({
  meta,
  replicas,
  status,
  conditions,
  progressDeadlineSeconds,
}: Deployment): ObjectState {
  if (meta.generation !== undefined && status.observedGeneration < meta.generation) {
    return { state: 'progressing', reason: 'its controller has not seen the latest change yet' };
  }
  const progressing = conditionOf(conditions, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return failedBy(progressing);
  const waiting = (reason: string): ObjectState => ({
    state: 'progressing',
    reason,
    ...(progressing ? since(progressing) : {}),
  });
  if (status.replicas < replicas) return waiting(`Replicas: ${status.replicas}/${replicas}`);
  if (status.updatedReplicas < replicas) return waiting(`Updated: ${status.updatedReplicas}/${replicas}`);
  if (status.replicas > replicas) return waiting(`Pending termination: ${status.replicas - replicas}`);
  if (status.availableReplicas < status.updatedReplicas) {
    return waiting(`Available: ${status.availableReplicas}/${status.updatedReplicas}`);
  }
  if (status.readyReplicas < replicas) return waiting(`Ready: ${status.readyReplicas}/${replicas}`);
  const hasDeadline = progressDeadlineSeconds !== undefined && progressDeadlineSeconds !== 2_147_483_647;
  if (hasDeadline && (progressing?.status !== 'True' || progressing.reason !== 'NewReplicaSetAvailable')) {
    return waiting('ReplicaSet not Available');
  }
  if (conditionOf(conditions, 'Available')?.status !== 'True') return waiting('Deployment not Available');
  return { state: 'current' };
}
