// HTTPS as the suites of an API server speak it: any path, method and header, and what comes back, untouched.
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { type Json, parseJson } from '../../../src/lab/cluster/json';

/** By the kind of patch. */
export const mediaTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

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

export interface Wire {
  readonly open: (path: string, call?: Call) => Promise<IncomingMessage>;
  readonly ask: (path: string, call?: Call) => Promise<Reply>;
  /** The first `count` events of a watch, which is then closed; fewer where the server ends it. */
  readonly watch: (path: string, count: number, act?: () => Promise<unknown>) => Promise<readonly Json[]>;
}

export interface Served {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** PEM; signs itself. */
  readonly certificate: string;
}

/** Calls bear `token` unless they say another one; an empty one is none. */
export function wireTo({ url, certificate }: Served, ownToken: string): Wire {
  const open: Wire['open'] = async (path, { method = 'GET', body, token = ownToken, headers } = {}) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
    const sent = request(`${url}${path}`, {
      method,
      ca: certificate,
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
  return {
    open,
    ask: async (path, call) => {
      const incoming = await open(path, call);
      let text = '';
      for await (const part of incoming.setEncoding('utf8')) text += String(part);
      const isJson =
        (incoming.headers['content-type'] ?? '').startsWith('application/json') && text.trimEnd().endsWith('}');
      return { code: incoming.statusCode ?? 0, headers: incoming.headers, text, json: isJson ? parseJson(text) : null };
    },
    watch: async (path, count, act) => {
      const incoming = await open(path);
      await act?.();
      const events: Json[] = [];
      for await (const line of createInterface(incoming)) {
        events.push(parseJson(line));
        if (events.length === count) break;
      }
      incoming.destroy();
      return events;
    },
  };
}
