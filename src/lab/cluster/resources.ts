// What the API does with the objects of one kind: the verbs over the store, and the shapes that answers take.
import { isObject, type Json, type JsonObject, textAt } from './json';
import { apiVersionOf, type Kind } from './kinds';
import { pageOf } from './listing';
import { asObject, type KubeObject, type Ref } from './object';
import { applyPatch, type Patch } from './patch';
import type { Target } from './request';
import { scaleOf, withScale } from './scale';
import type { Selection } from './selectors';
import { badRequest, invalid, methodNotAllowed, notFound, type Status, unsupportedPatch } from './status';
import type { PatchWrite, Store } from './store';
import { formatTable, partial, shapeAsked } from './table';

export interface Call {
  readonly target: Target;
  readonly verb: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly contentType: string;
  readonly userAgent: string;
  readonly body: Json | undefined;
}

export interface Answer {
  readonly code: number;
  readonly body: Json;
}

export function selectionOf({ target, query }: Pick<Call, 'target' | 'query'>): Selection {
  const fields = [query.get('fieldSelector') ?? '', target.name === undefined ? '' : `metadata.name=${target.name}`];
  return {
    namespace: target.namespace,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: fields.filter((field) => field !== '').join(','),
  };
}

/** How each object of a list or a watch is written. */
export function shaper(
  kind: Kind,
  accept: string,
  query: URLSearchParams,
  now: () => number,
): (object: KubeObject) => Json {
  const shape = shapeAsked(accept);
  const include = query.get('includeObject') ?? 'Metadata';
  if (shape === 'object') return (object) => object;
  if (shape === 'PartialObjectMetadata') return partial;
  return (object) => {
    const { resourceVersion } = object.metadata;
    const metadata = resourceVersion === undefined ? {} : { resourceVersion };
    return formatTable(kind.kind, [object], { metadata, include, now: now() });
  };
}

function list(store: Store, call: Call, now: () => number): JsonObject {
  const { target, query, accept } = call;
  const { kind } = target;
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit) || limit < 0) throw badRequest('limit must be a number, 0 or more');
  const { items, metadata } = pageOf(store, kind.kind, selectionOf(call), limit, query.get('continue') ?? '');
  const shape = shapeAsked(accept);
  if (shape === 'Table') {
    return formatTable(kind.kind, items, { metadata, include: query.get('includeObject') ?? 'Metadata', now: now() });
  }
  if (shape === 'PartialObjectMetadata') {
    const apiVersion = 'meta.k8s.io/v1';
    return { kind: 'PartialObjectMetadataList', apiVersion, metadata, items: items.map(partial) };
  }
  return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items };
}

function refOfTarget({ kind, name, namespace }: Target): Ref {
  if (name === undefined) throw methodNotAllowed();
  return { kind: kind.kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

function writeOf(call: Call): PatchWrite {
  const { query, target, userAgent } = call;
  const given = query.get('fieldManager') ?? '';
  const isApply = call.verb === 'patch' && patchType(call.contentType) === 'apply';
  if (given === '' && isApply) {
    const causes = [
      { reason: 'FieldValueRequired', message: 'Required value: is required for apply patch', field: 'fieldManager' },
    ];
    throw invalid('PatchOptions', { plural: '', group: 'meta.k8s.io' }, causes);
  }
  const fallback = userAgent.split('/')[0] ?? '';
  return {
    fieldManager: given === '' ? (fallback === '' ? 'unknown' : fallback) : given,
    ...(query.get('dryRun') === 'All' ? { mode: 'dry-run' } : {}),
    ...(query.get('force') === 'true' ? { onConflict: 'take' } : {}),
    ...(target.subresource === 'status' ? { part: 'status' } : {}),
  };
}

const patchTypes: readonly (readonly [mediaType: string, type: Patch['type']])[] = [
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
  ['application/apply-patch+yaml', 'apply'],
];

function patchType(contentType: string): Patch['type'] {
  const type = patchTypes.find(([mediaType]) => contentType.startsWith(mediaType))?.[1];
  if (type === undefined) throw unsupportedPatch();
  return type;
}

/** The body as an object of the target's kind, in the target's place. Throws a StatusError (400) where they disagree. */
function objectOf({ target, body }: Call): KubeObject {
  const object = asObject(body);
  const { kind, namespace, name } = target;
  if (object.kind !== kind.kind || object.apiVersion !== apiVersionOf(kind)) {
    throw badRequest(`${object.kind} in version "${object.apiVersion}" cannot be handled as a ${kind.kind}`);
  }
  const given = object.metadata;
  if (kind.isNamespaced && namespace === undefined) throw badRequest('the request names no namespace');
  if (given.namespace !== undefined && given.namespace !== '' && given.namespace !== namespace) {
    const why = 'the namespace of the provided object does not match the namespace sent on the request';
    throw badRequest(why);
  }
  if (name !== undefined && given.name !== name) {
    const why = `the name of the object (${given.name}) does not match the name on the URL (${name})`;
    throw badRequest(why);
  }
  return { ...object, metadata: { ...given, ...(namespace === undefined ? {} : { namespace }) } };
}

function writeScale(store: Store, call: Call, live: KubeObject): KubeObject {
  if (call.verb === 'get') return scaleOf(live);
  const isPatch = call.verb === 'patch';
  if (!isPatch && call.verb !== 'update') throw methodNotAllowed();
  const patch = (): Patch => ({ type: patchType(call.contentType), body: call.body ?? null });
  const scale = isPatch ? applyPatch(scaleOf(live), patch(), { ...call.target.kind, isCustom: true }) : call.body;
  return scaleOf(store.update(withScale(live, scale ?? null), writeOf(call)));
}

function remove(store: Store, call: Call): Json {
  const ref = refOfTarget(call.target);
  const options = isObject(call.body) ? call.body : {};
  const policy = call.query.get('propagationPolicy') ?? textAt(options, 'propagationPolicy');
  const uid = textAt(options, 'preconditions', 'uid');
  const resourceVersion = textAt(options, 'preconditions', 'resourceVersion');
  const isDryRun = call.query.get('dryRun') === 'All' || textAt(options, 'dryRun', 0) === 'All';
  const last = store.delete(ref, {
    mode: isDryRun ? 'dry-run' : 'commit',
    dependents: policy === 'Orphan' ? 'orphan' : 'delete',
    preconditions: {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  });
  if (store.get(ref) !== undefined && !isDryRun) return last;
  const { plural, group } = call.target.kind;
  const details = { name: ref.name, ...(group === '' ? {} : { group }), kind: plural, uid: last.metadata.uid ?? '' };
  const done: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details, code: 200 };
  return done;
}

/** Everything but watches. `now` gives milliseconds since the epoch. Throws StatusErrors. */
export function answerCall(store: Store, call: Call, now: () => number): Answer {
  const { target, verb, accept, query } = call;
  const { kind, subresource } = target;
  const known = [undefined, ...(kind.hasStatus ? ['status'] : []), ...(kind.hasScale ? ['scale'] : [])];
  if (!known.includes(subresource)) throw notFound({ plural: `${kind.plural}/${subresource}`, group: kind.group });
  if (kind.isReadOnly && verb !== 'get' && verb !== 'list') throw methodNotAllowed();
  const shape = shaper(kind, accept, query, now);
  if (verb === 'list') return { code: 200, body: list(store, call, now) };
  if (verb === 'create' && target.name === undefined) {
    return { code: 201, body: shape(store.create(objectOf(call), writeOf(call))) };
  }
  const ref = refOfTarget(target);
  const live = store.get(ref);
  if (verb === 'patch' && subresource !== 'scale') {
    const patched = store.patch(ref, { type: patchType(call.contentType), body: call.body ?? null }, writeOf(call));
    return { code: live === undefined ? 201 : 200, body: shape(patched) };
  }
  if (live === undefined) throw notFound({ plural: kind.plural, group: kind.group, name: ref.name });
  if (subresource === 'scale') return { code: 200, body: writeScale(store, call, live) };
  if (verb === 'get') return { code: 200, body: shape(live) };
  if (verb === 'delete' && subresource === undefined) return { code: 200, body: remove(store, call) };
  if (verb !== 'update') throw methodNotAllowed();
  const write = writeOf(call);
  const object = objectOf(call);
  return {
    code: 200,
    body: shape(write.part === 'status' ? store.updateStatus(object, write) : store.update(object, write)),
  };
}
