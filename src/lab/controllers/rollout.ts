// The arithmetic of a rolling update: how many pods each ReplicaSet of a Deployment should have next.
// Source: Kubernetes' pkg/controller/deployment (rolling.go, util/deployment_util.go).
import { createHash } from 'node:crypto';
import { isList, isObject, type Json, numberAt, textAt, valueAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';

export interface SetCount {
  readonly name: string;
  readonly replicas: number;
  readonly available: number;
}

export interface Rollout {
  readonly desired: number;
  /** How many pods there may be above `desired`, and how many below it may serve. */
  readonly surge: number;
  readonly unavailable: number;
  readonly strategy: 'RollingUpdate' | 'Recreate';
}

function share(value: Json | undefined, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  return percent === undefined ? 0 : round((Number(percent) / 100) * total);
}

export function rolloutOf(deployment: KubeObject): Rollout {
  const desired = numberAt(deployment, 'spec', 'replicas') ?? 1;
  if (textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') {
    return { desired, surge: 0, unavailable: desired, strategy: 'Recreate' };
  }
  const limits = valueAt(deployment, 'spec', 'strategy', 'rollingUpdate');
  const surge = share(valueAt(limits, 'maxSurge'), desired, Math.ceil);
  const unavailable = share(valueAt(limits, 'maxUnavailable'), desired, Math.floor);
  return { desired, surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable, strategy: 'RollingUpdate' };
}

/** The replica counts to set, by ReplicaSet; those that stay as they are are left out. */
export function planScale(rollout: Rollout, current: SetCount, old: readonly SetCount[]): ReadonlyMap<string, number> {
  const { desired, surge, unavailable, strategy } = rollout;
  const scaled = new Map<string, number>();
  const active = old.filter(({ replicas }) => replicas > 0);
  const total = current.replicas + active.reduce((sum, { replicas }) => sum + replicas, 0);
  const room = strategy === 'Recreate' ? (active.length > 0 ? 0 : desired) : Math.max(0, desired + surge - total);
  const next = Math.min(desired, current.replicas + room);
  if (next !== current.replicas) scaled.set(current.name, next);

  const available = [current, ...active].reduce((sum, set) => sum + Math.min(set.available, set.replicas), 0);
  const pending = Math.max(0, current.replicas - current.available);
  let spare = total - (desired - unavailable) - pending;
  let serving = available - (desired - unavailable);
  for (const set of active) {
    // Pods that serve nobody go first, then as many others as may be missing.
    const idle = Math.max(0, Math.min(set.replicas - set.available, spare));
    const rest = Math.max(0, Math.min(set.replicas - idle, serving));
    if (idle + rest === 0) continue;
    scaled.set(set.name, set.replicas - idle - rest);
    spare -= idle;
    serving -= rest;
  }
  return scaled;
}

/** The same ten letters for equal templates, whatever the order of their fields. */
export function templateHash(template: Json): string {
  const bytes = createHash('sha256').update(canonical(template)).digest();
  return [...bytes.subarray(0, 10)].map((byte) => 'bcdfghjklmnpqrstvwxz2456789'[byte % 27]).join('');
}

function canonical(value: Json): string {
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value).toSorted();
  return `{${fields.map((field) => `${JSON.stringify(field)}:${canonical(value[field] ?? null)}`).join(',')}}`;
}
