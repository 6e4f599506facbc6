// A plain HTTPS client for the lab's API, and a server that a test's end stops.
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { type Json, parseJson } from '../../../src/lab/cluster/json';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../../src/lab/cluster/server';
import type { Store } from '../../../src/lab/cluster/store';
import { storeWithNamespace } from './objects';

export const tokens = { admin: 'token-of-admin', viewer: 'token-of-viewer' };

export interface Call {
  readonly method?: string;
  readonly body?: Json | string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly code: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly json: Json;
}

export interface Api {
  readonly server: ApiServer;
  readonly store: Store;
  readonly open: (path: string, call?: Call) => Promise<IncomingMessage>;
  readonly ask: (path: string, call?: Call) => Promise<Reply>;
  /** The first `count` events of a watch, which is then closed; fewer where the server ends it. */
  readonly watch: (path: string, count: number, act?: () => void) => Promise<readonly Json[]>;
}

export async function withApi(
  run: (api: Api) => Promise<void>,
  options: Partial<ApiServerOptions> = {},
): Promise<void> {
  const store = options.store ?? storeWithNamespace();
  const server = await startApiServer({ port: 0, tokens, ...options, store });
  const open = async (path: string, { method = 'GET', body, token = tokens.admin, headers }: Call = {}) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
    const sent = request(`${server.url}${path}`, {
      method,
      ca: server.certificate,
      agent: false,
      headers: {
        ...(text === '' ? {} : { 'content-type': type, 'content-length': String(Buffer.byteLength(text)) }),
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    });
    return await new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve).once('error', reject).end(text);
    });
  };
  const api: Api = {
    server,
    store,
    open,
    ask: async (path, call) => {
      const incoming = await open(path, call);
      let text = '';
      for await (const part of incoming.setEncoding('utf8')) text += String(part);
      const isJson = (incoming.headers['content-type'] ?? '').startsWith('application/json') && text.endsWith('}');
      return { code: incoming.statusCode ?? 0, headers: incoming.headers, text, json: isJson ? parseJson(text) : null };
    },
    watch: async (path, count, act) => {
      const incoming = await open(path);
      act?.();
      const events: Json[] = [];
      for await (const line of createInterface(incoming)) {
        events.push(parseJson(line));
        if (events.length === count) break;
      }
      incoming.destroy();
      return events;
    },
  };
  try {
    await run(api);
  } finally {
    await server.stop();
  }
}
