// A Kubernetes API as tests ask it: any path, JSON in and out. Not what the extension uses; that is judged by it.
import { isObject, type Json, type JsonObject, listAt, parseJson } from '../../../src/lab/cluster/json';
import { ask } from './reach';

export interface KubeApi {
  /** Everything rejects with a KubeRefusal for a status other than 2xx. */
  get(path: string): Promise<JsonObject>;
  /** Undefined where there is no such object. */
  find(path: string): Promise<JsonObject | undefined>;
  list(path: string): Promise<readonly JsonObject[]>;
  create(path: string, object: JsonObject): Promise<JsonObject>;
  /** A merge patch (RFC 7386) as `fieldManager`. */
  patch(path: string, patch: JsonObject, fieldManager?: string): Promise<JsonObject>;
  remove(path: string): Promise<void>;
}

export class KubeRefusal extends Error {
  readonly status: number;

  constructor(what: string, status: number, text: string) {
    super(`${what}: ${status} ${text.slice(0, 500)}`);
    this.name = 'KubeRefusal';
    this.status = status;
  }
}

export interface Access {
  readonly server: string;
  /** PEM of the server's own authority. */
  readonly certificate?: string;
  readonly token?: string;
}

export function kubeApi({ server, certificate, token }: Access): KubeApi {
  const send = async (
    method: string,
    path: string,
    body?: JsonObject,
    type = 'application/json',
  ): Promise<JsonObject> => {
    const { status, text } = await ask(`${server}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        'content-type': type,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(certificate === undefined ? {} : { ca: certificate }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const found: Json = text.startsWith('{') ? parseJson(text) : null;
    if (status >= 300 || !isObject(found)) throw new KubeRefusal(`${method} ${path}`, status, text);
    return found;
  };
  return {
    get: (path) => send('GET', path),
    find: async (path) => {
      try {
        return await send('GET', path);
      } catch (error) {
        if (error instanceof KubeRefusal && error.status === 404) return undefined;
        throw error;
      }
    },
    list: async (path) => listAt(await send('GET', path), 'items').filter(isObject),
    create: (path, object) => send('POST', `${path}${path.includes('?') ? '&' : '?'}fieldManager=live-test`, object),
    patch: (path, patch, fieldManager = 'live-test') =>
      send('PATCH', `${path}?fieldManager=${fieldManager}`, patch, 'application/merge-patch+json'),
    remove: async (path) => {
      await send('DELETE', path);
    },
  };
}
