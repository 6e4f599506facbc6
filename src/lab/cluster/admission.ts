// What stands between a write and the stored object: server-set fields, defaults, validation, ownership, generation.
import { randomBytes, randomUUID } from 'node:crypto';
import { initialStatus, withDefaults } from './defaults';
import { isEqual, objectAt, withField } from './json';
import { apiVersionOf, type Kind } from './kinds';
import { type Author, fieldsAfterUpdate, type Leaves, leavesOf } from './managedFields';
import { asObject, type KubeObject, type ManagedFieldsEntry, type ObjectMeta } from './object';
import { badRequest, conflict, invalid, type StatusCause, type Subject } from './status';
import { causesAgainst } from './validation';

export function subjectOf({ plural, group }: Kind, name: string): Subject {
  return { plural, group, name };
}

/** The object as it begins its life: server-set metadata, no status but the initial one. `time` is RFC 3339. */
export function newborn(kind: Kind, given: KubeObject, time: string): KubeObject {
  const { name, generateName, namespace, labels, annotations, ownerReferences, finalizers } = given.metadata;
  const generated = name === undefined || name === '' ? `${generateName ?? ''}${suffix()}` : name;
  if (generateName === undefined && generated !== name) throw badRequest('name or generateName is required');
  if (kind.isNamespaced && namespace === undefined) throw badRequest('the namespace of the object is missing');
  const metadata: ObjectMeta = {
    name: generated,
    ...(generateName === undefined ? {} : { generateName }),
    ...(kind.isNamespaced && namespace !== undefined ? { namespace } : {}),
    uid: randomUUID(),
    creationTimestamp: time,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
    ...(finalizers === undefined ? {} : { finalizers }),
  };
  const object = { ...given, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
  return kind.hasStatus ? withField(object, 'status', initialStatus(kind)) : object;
}

function suffix(): string {
  return [...randomBytes(5)].map((byte) => 'bcdfghjklmnpqrstvwxz2456789'[byte % 27]).join('');
}

/** The object that a write means: what the server sets stays as it is, and so does the half that is not written. */
export function succession(kind: Kind, live: KubeObject, given: KubeObject, part: 'status' | undefined): KubeObject {
  const { resourceVersion, uid, managedFields } = given.metadata;
  const subject = subjectOf(kind, live.metadata.name);
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== live.metadata.resourceVersion) {
    const why = 'the object has been modified; please apply your changes to the latest version and try again';
    throw conflict(subject, why);
  }
  if (uid !== undefined && uid !== live.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`;
    throw conflict(subject, why);
  }
  const owners = managedFields ?? live.metadata.managedFields;
  const ownership = owners === undefined ? {} : { managedFields: owners };
  if (part === 'status') {
    return withField({ ...live, metadata: { ...live.metadata, ...ownership } }, 'status', given.status);
  }
  const { labels, annotations, ownerReferences, finalizers } = given.metadata;
  const { labels: _l, annotations: _a, ownerReferences: _o, finalizers: _f, ...fixed } = live.metadata;
  const metadata: ObjectMeta = {
    ...fixed,
    ...ownership,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
    ...(finalizers === undefined ? {} : { finalizers }),
  };
  const next = { ...given, apiVersion: live.apiVersion, kind: live.kind, metadata };
  return kind.hasStatus ? withField(next, 'status', live.status) : next;
}

/** What counts for `metadata.generation`: everything but metadata and status. */
function contentOf(object: KubeObject): KubeObject {
  return withField({ ...object, metadata: { name: object.metadata.name } }, 'status', undefined);
}

/** Without the times of ownership, which alone are no reason for a new version. */
function substanceOf(object: KubeObject): KubeObject {
  const managedFields = (object.metadata.managedFields ?? []).map((entry) => ({ ...entry, time: '' }));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/**
 * The object to store; `live` itself when nothing would change. `managedFields` are handed in where server-side apply has
 * worked them out. Throws a StatusError (422) with every field that the schema refuses.
 */
export function admit(
  kind: Kind,
  live: KubeObject | undefined,
  given: KubeObject,
  { author, managedFields }: { readonly author: Author; readonly managedFields?: readonly ManagedFieldsEntry[] },
): KubeObject {
  const next = withDefaults(asObject(given));
  const causes = [...causesAgainst(next), ...immutable(kind, live, next)];
  if (causes.length > 0) throw invalid(kind.kind, subjectOf(kind, next.metadata.name), causes);
  const entries = next.metadata.managedFields ?? [];
  // Nobody owns the status by writing the rest: the server resets it before it compares.
  const isHalf = kind.hasStatus && author.subresource === undefined;
  const leaves = (object: KubeObject | undefined): Leaves =>
    leavesOf(object === undefined || !isHalf ? object : withField(object, 'status', undefined), kind);
  const owners = managedFields ?? fieldsAfterUpdate(entries, leaves(live), leaves(next), author);
  const isNewContent = live === undefined || !isEqual(contentOf(next), contentOf(live));
  const generation = (live?.metadata.generation ?? 0) + (isNewContent ? 1 : 0);
  const { managedFields: _, ...rest } = next.metadata;
  const metadata: ObjectMeta = {
    ...rest,
    ...(kind.hasGeneration ? { generation } : {}),
    ...(owners.length === 0 ? {} : { managedFields: owners }),
  };
  const admitted = { ...next, metadata };
  return live !== undefined && isEqual(substanceOf(admitted), substanceOf(live)) ? live : admitted;
}

function immutable(kind: Kind, live: KubeObject | undefined, next: KubeObject): readonly StatusCause[] {
  if (live === undefined || kind.group !== 'apps') return [];
  const selector = objectAt(next, 'spec', 'selector');
  if (isEqual(objectAt(live, 'spec', 'selector'), selector)) return [];
  const message = `Invalid value: ${JSON.stringify(selector)}: field is immutable`;
  return [{ reason: 'FieldValueInvalid', message, field: 'spec.selector' }];
}
