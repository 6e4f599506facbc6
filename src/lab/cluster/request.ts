// One request to the API as the routes see it: read, bounded, and with what its path names.
import type { IncomingMessage } from 'node:http';
import { kindAt } from './discovery';
import { type Json, parseJson } from './json';
import type { Kind } from './kinds';
import { badRequest, failure } from './status';

/** As the API server's limit for a request's body. */
const bodyLimitBytes = 3 * 1024 * 1024;

export interface Target {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** What a path below /api/v1 or /apis/<group>/<version> names; undefined for anything else. */
export function targetOf(path: string): Target | undefined {
  const parts = path.split('/').slice(1).map(decode);
  const isCore = parts[0] === 'api' && parts[1] === 'v1';
  if (!isCore && parts[0] !== 'apis') return undefined;
  const groupVersion = isCore ? 'v1' : parts.slice(1, 3).join('/');
  const rest = parts.slice(isCore ? 2 : 3);
  const namespaced = rest[0] === 'namespaces' ? kindAt(groupVersion, rest[2] ?? '') : undefined;
  const [plural = '', name, subresource, ...surplus] = namespaced === undefined ? rest : rest.slice(2);
  const kind = namespaced ?? kindAt(groupVersion, plural);
  if (kind === undefined || surplus.length > 0 || (namespaced !== undefined && !kind.isNamespaced)) return undefined;
  const namespace = namespaced === undefined ? undefined : rest[1];
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest('the path is not properly encoded');
  }
}

/** The verb as RBAC names it. */
export function verbOf(method: string, target: Target, query: URLSearchParams): string {
  if (method === 'GET' || method === 'HEAD') {
    if (query.get('watch') === 'true' || query.get('watch') === '1') return 'watch';
    return target.name === undefined ? 'list' : 'get';
  }
  const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch' };
  if (method === 'DELETE') return target.name === undefined ? 'deletecollection' : 'delete';
  return verbs[method] ?? method.toLowerCase();
}

/** Undefined for an empty body. Throws a StatusError: 413 above the limit, 415 for anything but JSON, 400 for broken JSON. */
export async function readBody(incoming: IncomingMessage): Promise<Json | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size <= bodyLimitBytes) parts.push(bytes); // the rest is read and dropped, so that the client hears the answer
  }
  if (size > bodyLimitBytes) {
    throw failure(413, 'RequestEntityTooLarge', `the body is larger than ${bodyLimitBytes} bytes`);
  }
  if (size === 0) return undefined;
  const type = incoming.headers['content-type'] ?? 'application/json';
  if (!/^application\/([\w.-]+\+)?(json|yaml)\b/.test(type)) {
    throw failure(415, 'UnsupportedMediaType', `the practice lab reads JSON, not ${type}; with kubectl, use apply -f`);
  }
  try {
    return parseJson(Buffer.concat(parts).toString('utf8'));
  } catch (error) {
    throw badRequest(`the body is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
}
