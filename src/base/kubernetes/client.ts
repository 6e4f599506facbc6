// The Kubernetes API as far as it is read: which versions are served, get, paged list, watch. Writing is one merge patch
// under one field manager, in a type of its own. Objects come out as unknown: who asks decodes.
import { asArray, asObject, asString, type JsonObject, parseJson } from '../json';
import { tooLarge } from '../limits';
import { ClusterError, garbage, refused } from './clusterProblem';
import type { ClusterConnection, ClusterRequest } from './connection';

export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

export interface ServedResource extends Resource {
  readonly kind: string;
  readonly isNamespaced: boolean;
}

export interface ListPage {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  /** The token of the next page; undefined on the last. */
  readonly next?: string;
}

/** Which objects of a collection: all of them where nothing is said. Selectors as the API has them. */
export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListPart extends Selection {
  readonly limit: number;
  readonly next?: string | undefined;
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: JsonObject }
  /** The stream's own error: `status` is the Status object's code. */
  | { readonly type: 'ERROR'; readonly error: ClusterError };

export interface WatchStart extends Selection {
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
}

/** What may be done to a resource, in the API's words: `patch`, `get`; `subresource` as in `pods/log`. */
export interface AccessQuestion {
  readonly verb: string;
  readonly group: string;
  readonly plural: string;
  readonly subresource?: string;
  /** Everywhere when absent. */
  readonly namespace?: string;
}

export interface LogPart {
  readonly container?: string;
  /** How many of the last lines come first. */
  readonly tailLines: number;
  readonly sinceSeconds?: number;
  /** `ended`: what there is; `followed`: until the container ends or the signal. */
  readonly end: 'ended' | 'followed';
}

/** Everything rejects with a `ClusterError`, `timed-out` or `too-large`. */
export interface KubeReader {
  readonly context: string;
  /** Served versions of the group, the server's preferred first; none when the group is unknown. */
  servedVersions(group: string, signal: AbortSignal): Promise<readonly string[]>;
  servedResources(group: string, version: string, signal: AbortSignal): Promise<readonly ServedResource[]>;
  get(resource: Resource, namespace: string, name: string, signal: AbortSignal): Promise<JsonObject>;
  list(resource: Resource, part: ListPart, signal: AbortSignal): Promise<ListPage>;
  /** Begins when the server has accepted the watch. */
  watch(resource: Resource, start: WatchStart, signal: AbortSignal): Promise<AsyncIterable<WatchEvent>>;
  /** What a container has said; begins when the server has found it. */
  log(namespace: string, pod: string, part: LogPart, signal: AbortSignal): Promise<AsyncIterable<Buffer>>;
  /** Whether the user may, as the cluster says (SelfSubjectAccessReview). */
  isAllowed(question: AccessQuestion, signal: AbortSignal): Promise<boolean>;
}

/** What watching a cluster needs. */
export type KubeWatcher = Pick<KubeReader, 'context' | 'servedVersions' | 'servedResources' | 'list' | 'watch'>;

export interface KubeWriter {
  /** The object after a merge patch (RFC 7386) by the field manager `flux-promote`. */
  patch(
    resource: Resource,
    namespace: string,
    name: string,
    patch: JsonObject,
    signal: AbortSignal,
  ): Promise<JsonObject>;
}

const maxEventBytes = 16_000_000;

function groupPath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

function collectionPath({ group, version, plural }: Resource, namespace?: string): string {
  const inside = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${groupPath(group, version)}${inside}/${plural}`;
}

export function kubeReader(connection: ClusterConnection): KubeReader {
  const { context } = connection;
  const ask = async (request: Omit<ClusterRequest, 'method'>, signal: AbortSignal): Promise<JsonObject> => {
    const text = await connection.send({ ...request, method: 'GET' }, signal);
    return decodeObject(context, text);
  };
  return {
    context,
    servedVersions: async (group, signal) => {
      try {
        const path = group === '' ? '/api' : `/apis/${group}`;
        const answer = await ask(
          { path, what: `list the versions of ${group === '' ? 'the core API' : group}` },
          signal,
        );
        const names = asArray(answer['versions']).map(
          (item) => asString(item) ?? asString(asObject(item)?.['version']),
        );
        return names.filter((name) => name !== undefined);
      } catch (error) {
        if (error instanceof ClusterError && error.status === 404) return [];
        throw error;
      }
    },
    servedResources: async (group, version, signal) => {
      const path = groupPath(group, version);
      const answer = await ask({ path, what: `list the kinds of ${group}/${version}` }, signal);
      return asArray(answer['resources']).flatMap((item) => {
        const entry = asObject(item);
        const plural = asString(entry?.['name']);
        const kind = asString(entry?.['kind']);
        // `deployments/status` and the like are parts of a resource.
        if (plural === undefined || kind === undefined || plural.includes('/')) return [];
        return [{ group, version, plural, kind, isNamespaced: entry?.['namespaced'] === true }];
      });
    },
    get: async (resource, namespace, name, signal) => {
      const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
      return await ask({ path, what: `read ${resource.plural} in ${namespace}` }, signal);
    },
    list: async (resource, { limit, next, ...selection }, signal) => {
      const query = queryOf({ ...selectors(selection), limit, continue: next });
      const path = `${collectionPath(resource, selection.namespace)}?${query}`;
      const answer = await ask({ path, what: `list ${nameOf(resource, selection)}` }, signal);
      const meta = asObject(answer['metadata']);
      const resourceVersion = asString(meta?.['resourceVersion']);
      if (resourceVersion === undefined || !Array.isArray(answer['items'])) {
        throw garbage(context, 'a list without items', JSON.stringify(answer));
      }
      const following = asString(meta?.['continue']);
      const page = { items: asArray(answer['items']), resourceVersion };
      return following === undefined || following === '' ? page : { ...page, next: following };
    },
    watch: async (resource, start, signal) => {
      const { resourceVersion, timeoutSeconds } = start;
      const asked = { watch: 1, allowWatchBookmarks: 'true', resourceVersion, timeoutSeconds };
      const path = `${collectionPath(resource, start.namespace)}?${queryOf({ ...selectors(start), ...asked })}`;
      const what = `watch ${nameOf(resource, start)}`;
      const chunks = await connection.stream({ method: 'GET', path, what }, signal);
      return watchEvents(context, what, chunks);
    },
    log: async (namespace, pod, { end, ...part }, signal) => {
      const query = queryOf({ ...part, follow: end === 'followed' ? 'true' : undefined });
      const path = `${collectionPath(pods, namespace)}/${encodeURIComponent(pod)}/log?${query}`;
      return await connection.stream({ method: 'GET', path, what: `read the log of pods in ${namespace}` }, signal);
    },
    isAllowed: async ({ verb, group, plural, subresource, namespace }, signal) => {
      const resourceAttributes = { verb, group, resource: plural, subresource, namespace };
      const body = JSON.stringify({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes },
      });
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const text = await connection.send({ method: 'POST', path, what: 'ask for rights', body }, signal);
      const allowed = asObject(decodeObject(context, text)['status'])?.['allowed'];
      if (typeof allowed !== 'boolean') throw garbage(context, 'a review without an answer', text);
      return allowed;
    },
  };
}

/** As RBAC names it: `imagepolicies.image.toolkit.fluxcd.io in staging`. */
function nameOf({ group, plural }: Resource, { namespace }: Selection): string {
  const where = namespace === undefined ? '' : ` in ${namespace}`;
  return `${plural}${group === '' ? '' : `.${group}`}${where}`;
}

const pods: Resource = { group: '', version: 'v1', plural: 'pods' };

/** Without what is absent or empty. */
function queryOf(fields: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  return query.toString();
}

function selectors({ labelSelector, fieldSelector }: Selection): Readonly<Record<string, string | undefined>> {
  return { labelSelector, fieldSelector };
}

export function kubeWriter(connection: ClusterConnection): KubeWriter {
  return {
    patch: async (resource, namespace, name, patch, signal) => {
      const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}?fieldManager=flux-promote`;
      const what = `change ${resource.plural} in ${namespace}`;
      const body = JSON.stringify(patch);
      const contentType = 'application/merge-patch+json';
      const text = await connection.send({ method: 'PATCH', path, what, body, contentType }, signal);
      return decodeObject(connection.context, text);
    },
  };
}

function decodeObject(context: string, text: string): JsonObject {
  const value = asObject(parseJson(text));
  if (value === undefined) throw garbage(context, 'no JSON object', text);
  return value;
}

/** One JSON object per line; a line may come in any number of chunks. */
export async function* watchEvents(
  context: string,
  what: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<WatchEvent> {
  let pending: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...pending, chunk.subarray(start, end)]).toString('utf8');
      pending = [];
      size = 0;
      start = end + 1;
      if (line.trim() !== '') yield decodeEvent(context, what, line);
    }
    if (start < chunk.length) {
      pending.push(chunk.subarray(start));
      size += chunk.length - start;
      if (size > maxEventBytes) throw tooLarge(`The cluster ${context}`, maxEventBytes);
    }
  }
  const rest = Buffer.concat(pending).toString('utf8');
  if (rest.trim() !== '') throw garbage(context, 'a watch that breaks off inside an event', rest);
}

function decodeEvent(context: string, what: string, line: string): WatchEvent {
  const event = asObject(parseJson(line));
  const object = asObject(event?.['object']);
  const type = event?.['type'];
  if (object === undefined) throw garbage(context, 'a watch event without an object', line);
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK') return { type, object };
  if (type !== 'ERROR') throw garbage(context, 'a watch event of unknown type', line);
  const code = object['code'];
  const status = typeof code === 'number' ? code : 500;
  return { type, error: refused(context, what, { status, body: JSON.stringify(object) }) };
}
