// Server-side apply as kustomize-controller does it: what kubectl and the controller's own plain writes own becomes the controller's
// first, so that fields which Git does not set go away; everything else that others own stays, unless Git says something else.
// Source: kustomize-controller apply(), fluxcd/pkg ssa/{manager_apply,patch}.go; measured by field manager on Flux 2.9.4.
import { isEqual, textAt, withField } from '../cluster/json';
import { apiVersionOf, kindNamed } from '../cluster/kinds';
import { formatFields, parseFields } from '../cluster/managedFields';
import { type KubeObject, type ManagedFieldsEntry, type Ref, refOf } from '../cluster/object';
import { StatusError } from '../cluster/status';
import type { Store } from '../cluster/store';
import { formatSubject } from './kstatus';

export const applyManager = 'kustomize-controller';
const group = 'kustomize.toolkit.fluxcd.io';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

export class ApplyError extends Error {
  override readonly name = 'ApplyError';
}

export interface Applied {
  readonly ref: Ref;
  readonly object: KubeObject;
  readonly action: 'created' | 'configured' | 'unchanged' | 'skipped';
}

export interface Owner {
  readonly name: string;
  readonly namespace: string;
}

/** Namespaces first, what refers to others last. */
const ranks: Readonly<Record<string, number>> = { Namespace: 0, ConfigMap: 1, Secret: 1, Deployment: 2 };

/** Throws ApplyError at the first object that the API refuses; what was applied before stays. */
export function applySet(store: Store, objects: readonly KubeObject[], owner: Owner): readonly Applied[] {
  const ordered = objects.toSorted((a, b) => (ranks[a.kind] ?? 3) - (ranks[b.kind] ?? 3));
  for (const object of ordered) checkServed(object);
  return ordered.map((object) => {
    try {
      return applyOne(store, labelled(object, owner));
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const { reason = 'Unknown', message = '' } = error.status;
      throw new ApplyError(`${formatSubject(object)} dry-run failed (${reason}): ${message}`, { cause: error });
    }
  });
}

function checkServed(object: KubeObject): void {
  const kind = kindNamed(object.kind);
  if (kind !== undefined && apiVersionOf(kind) === object.apiVersion) {
    if (!kind.isNamespaced || object.metadata.namespace !== undefined) return;
    throw new ApplyError(
      `${formatSubject(object)} namespace not specified: the server could not find the requested resource`,
    );
  }
  const missing = `no matches for kind "${object.kind}" in version "${object.apiVersion}"`;
  throw new ApplyError(`${formatSubject(object)} dry-run failed: ${missing}`);
}

function labelled(object: KubeObject, { name, namespace }: Owner): KubeObject {
  const labels = { ...object.metadata.labels, [`${group}/name`]: name, [`${group}/namespace`]: namespace };
  return { ...object, metadata: { ...object.metadata, labels } };
}

function applyOne(store: Store, wanted: KubeObject): Applied {
  const ref = refOf(wanted);
  const live = store.get(ref);
  if (
    live !== undefined &&
    [live, wanted].some((object) => textAt(object, 'metadata', 'annotations', `${group}/reconcile`) === 'disabled')
  ) {
    return { ref, object: live, action: 'skipped' };
  }
  const before = live === undefined ? undefined : takeOver(store, live);
  const patch = { type: 'apply', body: { ...wanted, metadata: { ...wanted.metadata } } } as const;
  const write = { fieldManager: applyManager, onConflict: 'take' } as const;
  if (before === undefined) return { ref, object: store.patch(ref, patch, write), action: 'created' };
  const expected = store.patch(ref, patch, { ...write, mode: 'dry-run' });
  if (isEqual(contentOf(before), contentOf(expected))) return { ref, object: before, action: 'unchanged' };
  return { ref, object: store.patch(ref, patch, write), action: 'configured' };
}

/** What drift is judged by: everything but the status and what the server keeps. */
function contentOf(object: KubeObject): KubeObject {
  const { labels, annotations } = object.metadata;
  const metadata = { name: object.metadata.name, labels: labels ?? {}, annotations: annotations ?? {} };
  return withField({ ...object, metadata }, 'status', undefined);
}

function isTakenOver({ manager, operation, subresource }: ManagedFieldsEntry): boolean {
  if (subresource !== undefined) return false;
  if (manager.startsWith('kubectl')) return true;
  return operation === 'Update' && (manager.startsWith('before-first-apply') || manager === applyManager);
}

function takeOver(store: Store, live: KubeObject): KubeObject {
  const entries = live.metadata.managedFields ?? [];
  const taken = entries.filter(isTakenOver);
  const annotations = withoutLastApplied(live.metadata.annotations);
  if (taken.length === 0 && annotations === live.metadata.annotations) return live;
  const isOwn = (entry: ManagedFieldsEntry): boolean =>
    entry.manager === applyManager && entry.operation === 'Apply' && entry.subresource === undefined;
  const merged = [...entries.filter(isOwn), ...taken];
  const [first] = merged;
  const keys = merged.flatMap((entry) => [...parseFields(entry.fieldsV1)]);
  const own: readonly ManagedFieldsEntry[] =
    first === undefined ? [] : [{ ...first, manager: applyManager, operation: 'Apply', fieldsV1: formatFields(keys) }];
  const others = entries.filter((entry) => !isTakenOver(entry) && !isOwn(entry));
  const { annotations: _, ...rest } = live.metadata;
  const metadata = {
    ...rest,
    managedFields: [...others, ...own],
    ...(annotations === undefined ? {} : { annotations }),
  };
  return store.update({ ...live, metadata }, { fieldManager: applyManager });
}

function withoutLastApplied(annotations: KubeObject['metadata']['annotations']): KubeObject['metadata']['annotations'] {
  if (annotations?.[lastApplied] === undefined) return annotations;
  const { [lastApplied]: _, ...rest } = annotations;
  return rest;
}
