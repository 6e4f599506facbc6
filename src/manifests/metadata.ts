// metadata and status.conditions of any Kubernetes object, from plain JSON.
import type { Condition, ManagedFields, Meta } from '../model/flux';
import { optional } from '../model/optional';
import { at, filledTextAt, isFields, listAt, numberAt, textAt, textMapAt, timeAt } from './fields';

/** Undefined when the object has no name. A missing namespace reads as `fallbackNamespace`. */
export function decodeMeta(value: unknown, fallbackNamespace = ''): Meta | undefined {
  const name = filledTextAt(value, 'metadata', 'name');
  if (name === undefined) return undefined;
  const metadata = at(value, 'metadata');
  return {
    name,
    namespace: filledTextAt(metadata, 'namespace') ?? fallbackNamespace,
    ...optional('generation', numberAt(metadata, 'generation')),
    ...optional('resourceVersion', textAt(metadata, 'resourceVersion')),
    ...optional('uid', textAt(metadata, 'uid')),
    ...optional('createdAt', timeAt(metadata, 'creationTimestamp')),
    isDeleting: filledTextAt(metadata, 'deletionTimestamp') !== undefined,
    labels: textMapAt(metadata, 'labels'),
    annotations: textMapAt(metadata, 'annotations'),
    owners: listAt(metadata, 'ownerReferences').flatMap((owner) => {
      const kind = textAt(owner, 'kind');
      const name = textAt(owner, 'name');
      return kind === undefined || name === undefined ? [] : [{ kind, name, uid: textAt(owner, 'uid') ?? '' }];
    }),
    managedFields: listAt(metadata, 'managedFields').flatMap((entry) => decodeManagedFields(entry) ?? []),
  };
}

export function decodeConditions(value: unknown): readonly Condition[] {
  return listAt(value, 'status', 'conditions').flatMap((condition) => {
    const type = textAt(condition, 'type');
    const status = textAt(condition, 'status');
    if (type === undefined || (status !== 'True' && status !== 'False' && status !== 'Unknown')) return [];
    return [
      {
        type,
        status,
        reason: textAt(condition, 'reason') ?? '',
        message: textAt(condition, 'message') ?? '',
        ...optional('since', timeAt(condition, 'lastTransitionTime')),
        ...optional('observedGeneration', numberAt(condition, 'observedGeneration')),
      },
    ];
  });
}

function decodeManagedFields(entry: unknown): ManagedFields | undefined {
  const manager = textAt(entry, 'manager');
  if (manager === undefined) return undefined;
  const paths: string[] = [];
  collectPaths(at(entry, 'fieldsV1'), '', paths);
  return { manager, operation: textAt(entry, 'operation') ?? '', ...optional('at', timeAt(entry, 'time')), paths };
}

/** fieldsV1 (structured-merge-diff): `f:name` is a field, `k:{…}` a list item by its keys, `v:…` a set item, `.` the thing itself. */
function collectPaths(node: unknown, prefix: string, paths: string[]): void {
  if (!isFields(node)) return;
  const entries = Object.entries(node);
  if (entries.length === 0 && prefix !== '') paths.push(prefix);
  for (const [key, child] of entries) {
    if (key === '.') paths.push(prefix);
    else if (key.startsWith('f:'))
      collectPaths(child, prefix === '' ? key.slice(2) : `${prefix}.${key.slice(2)}`, paths);
    else collectPaths(child, `${prefix}[${formatItemKey(key)}]`, paths);
  }
}

function formatItemKey(key: string): string {
  const text = key.slice(2);
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isFields(parsed)) return String(parsed);
    return Object.entries(parsed)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(',');
  } catch {
    return text; // `i:0` and keys of a later version: shown as they are
  }
}
