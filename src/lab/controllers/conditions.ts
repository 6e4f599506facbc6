// Conditions as Flux's runtime sets them: the transition time moves with any change of status, reason or message; Ready stands
// first, then Reconciling and Stalled, then the rest by name. Source: fluxcd/pkg runtime/conditions/setter.go.
import { type Json, listAt, numberAt, textAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';

export type ConditionStatus = 'True' | 'False' | 'Unknown';

export type Condition = {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly reason: string;
  readonly message: string;
  /** RFC 3339, whole seconds. */
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
};

const ranks: Readonly<Record<string, number>> = { Ready: 0, Reconciling: 1, Stalled: 2 };

function compare(a: Condition, b: Condition): number {
  const byRank = (ranks[a.type] ?? 3) - (ranks[b.type] ?? 3);
  if (byRank !== 0) return byRank;
  return a.type < b.type ? -1 : 1;
}

export function decodeCondition(json: Json): Condition {
  const status = textAt(json, 'status');
  return {
    type: textAt(json, 'type') ?? '',
    status: status === 'True' || status === 'False' ? status : 'Unknown',
    reason: textAt(json, 'reason') ?? '',
    message: textAt(json, 'message') ?? '',
    lastTransitionTime: textAt(json, 'lastTransitionTime') ?? '',
    observedGeneration: numberAt(json, 'observedGeneration') ?? 0,
  };
}

export function conditionsOf(object: KubeObject): readonly Condition[] {
  return listAt(object, 'status', 'conditions').map(decodeCondition);
}

export function conditionOf(object: KubeObject, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

export function isTrue(conditions: readonly Condition[], type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

/** A copy with the condition set. An unchanged one keeps its transition time. */
export function withCondition(
  conditions: readonly Condition[],
  next: Omit<Condition, 'lastTransitionTime'>,
  now: number,
): readonly Condition[] {
  const previous = conditions.find((condition) => condition.type === next.type);
  const isSame =
    previous !== undefined &&
    previous.status === next.status &&
    previous.reason === next.reason &&
    previous.message === next.message &&
    previous.observedGeneration === next.observedGeneration;
  const lastTransitionTime = isSame ? previous.lastTransitionTime : formatTime(now);
  const others = conditions.filter((condition) => condition.type !== next.type);
  return [...others, { ...next, lastTransitionTime }].sort(compare);
}

export function withoutCondition(conditions: readonly Condition[], type: string): readonly Condition[] {
  return conditions.filter((condition) => condition.type !== type);
}

/** RFC 3339 in whole seconds, as the API writes times. */
export function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
