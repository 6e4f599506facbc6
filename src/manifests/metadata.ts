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
    ...optional('deletion', decodeDeletion(metadata)),
    labels: textMapAt(metadata, 'labels'),
    annotations: decodeAnnotations(metadata),
    owners: listAt(metadata, 'ownerReferences').flatMap((owner) => {
      const kind = textAt(owner, 'kind');
      const name = textAt(owner, 'name');
      return kind === undefined || name === undefined ? [] : [{ kind, name, uid: textAt(owner, 'uid') ?? '' }];
    }),
    managedFields: listAt(metadata, 'managedFields').flatMap((entry) => decodeManagedFields(entry) ?? []),
  };
}

/** kubectl's copy of what was applied is as large as the object, and read by nobody. */
function decodeAnnotations(metadata: unknown): Readonly<Record<string, string>> {
  const { 'kubectl.kubernetes.io/last-applied-configuration': _copy, ...others } = textMapAt(metadata, 'annotations');
  return others;
}

function decodeDeletion(metadata: unknown): Meta['deletion'] {
  if (filledTextAt(metadata, 'deletionTimestamp') === undefined) return undefined;
  const finalizers = listAt(metadata, 'finalizers').filter((one) => typeof one === 'string');
  return { ...optional('since', timeAt(metadata, 'deletionTimestamp')), finalizers };
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

/** Only of the fields that anybody asks for: all of them are most of what a cluster says of an object. */
function decodeManagedFields(entry: unknown): ManagedFields | undefined {
  const manager = textAt(entry, 'manager');
  const spec = at(entry, 'fieldsV1', 'f:spec');
  const paths = [
    ...(at(spec, 'f:suspend') === undefined ? [] : ['spec.suspend']),
    ...['containers', 'initContainers'].flatMap((list) =>
      imagePaths(list, at(spec, 'f:template', 'f:spec', `f:${list}`)),
    ),
  ];
  if (manager === undefined || paths.length === 0) return undefined;
  return { manager, operation: textAt(entry, 'operation') ?? '', ...optional('at', timeAt(entry, 'time')), paths };
}

/** fieldsV1 (structured-merge-diff): `f:name` is a field, `k:{…}` a list item by its keys. */
function imagePaths(list: string, containers: unknown): readonly string[] {
  if (!isFields(containers)) return [];
  return Object.entries(containers).flatMap(([key, fields]) => {
    const name = key.startsWith('k:') && at(fields, 'f:image') !== undefined ? nameIn(key.slice(2)) : undefined;
    return name === undefined ? [] : [`spec.template.spec.${list}[name=${name}].image`];
  });
}

function nameIn(key: string): string | undefined {
  try {
    return textAt(JSON.parse(key), 'name');
  } catch {
    return undefined; // keys of a later version
  }
}
