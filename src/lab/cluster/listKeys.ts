// How lists merge: by the key of their items, as a set, or as a whole.
// Source: patchMergeKey and listType markers of k8s.io/api core/v1, apps/v1 and meta/v1. Flux's CRDs mark none, so theirs are whole.
import type { JsonObject } from './json';

const keyed: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  ports: ['containerPort', 'protocol'],
  volumeMounts: ['mountPath'],
  conditions: ['type'],
  ownerReferences: ['uid'],
};

export interface ListRules {
  readonly isCustom: boolean;
}

/** Which fields tell the items of the list at `path` apart; undefined where the list is one value. */
export function keysOfList({ isCustom }: ListRules, path: readonly string[]): readonly string[] | undefined {
  const field = path.at(-1) ?? '';
  if (isCustom && path[0] !== 'metadata') return undefined;
  return Object.hasOwn(keyed, field) ? keyed[field] : undefined;
}

export function isSetList(path: readonly string[]): boolean {
  return path.length === 2 && path[0] === 'metadata' && path[1] === 'finalizers';
}

/** The item's key fields with Kubernetes' default for a port's protocol, or undefined when one is missing. */
export function keyOfItem(item: JsonObject, keys: readonly string[]): JsonObject | undefined {
  const key: Record<string, JsonObject[string]> = {};
  for (const field of keys) {
    const value = item[field] ?? (field === 'protocol' ? 'TCP' : undefined);
    if (value === undefined) return undefined;
    key[field] = value;
  }
  return key;
}
