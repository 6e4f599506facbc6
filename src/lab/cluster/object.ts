// The shape of every object of the lab's API. `spec` and `status` stay JSON: whoever reads them checks them, as with a real API.
import { isList, isObject, type Json, type JsonObject, withoutNulls } from './json';
import { badRequest } from './status';

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
};

export type ManagedFieldsEntry = {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** RFC 3339. */
  readonly time: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: JsonObject;
  readonly subresource?: string;
};

export type ObjectMeta = {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  /** RFC 3339, whole seconds. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
};

export type KubeObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
  readonly [field: string]: Json | undefined;
};

/** Names one object. Kinds are unique among those that the lab serves, so no group is needed. */
export interface Ref {
  readonly kind: string;
  readonly name: string;
  /** Left out for kinds without a namespace. */
  readonly namespace?: string;
}

export function refOf(object: KubeObject): Ref {
  const { name, namespace } = object.metadata;
  return { kind: object.kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

function isTexts(value: Json | undefined): boolean {
  return value === undefined || (isObject(value) && Object.values(value).every((text) => typeof text === 'string'));
}

function isListOf(value: Json | undefined, isItem: (item: Json) => boolean): boolean {
  return value === undefined || (isList(value) && value.every(isItem));
}

/** Checks what the server itself reads of an object it was sent. */
function isKubeObject(value: JsonObject): value is KubeObject {
  const metadata = value['metadata'];
  if (!isObject(metadata)) return false;
  const { name, namespace, labels, annotations, ownerReferences, finalizers, managedFields } = metadata;
  return (
    [name, namespace].every((text) => text === undefined || typeof text === 'string') &&
    [labels, annotations].every(isTexts) &&
    [ownerReferences, managedFields].every((list) => isListOf(list, isObject)) &&
    isListOf(finalizers, (item) => typeof item === 'string')
  );
}

/** Nulls count as absent. Throws a StatusError (400) for JSON that is no Kubernetes object. */
export function asObject(given: Json | undefined): KubeObject {
  const value = given === undefined ? given : withoutNulls(given);
  if (!isObject(value) || !isObject(value['metadata']))
    throw badRequest('the body is no Kubernetes object with metadata');
  for (const field of ['apiVersion', 'kind']) {
    if (typeof value[field] !== 'string') throw badRequest(`Object '${field}' is missing`);
  }
  for (const field of ['spec', 'status']) {
    if (value[field] !== undefined && !isObject(value[field])) throw badRequest(`${field} must be an object`);
  }
  if (!isKubeObject(value)) throw badRequest('the name, namespace or labels of the object are no text');
  return value;
}
