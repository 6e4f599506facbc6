// Every server of the lab listens on 127.0.0.1 alone. This is the one place that opens a port.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

export interface Loopback {
  readonly port: number;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Resets every open connection; new ones are served. */
  dropConnections(): void;
  /** Closes the port and every open connection. */
  stop(): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** PEM texts. */
export interface TlsIdentity {
  readonly key: string;
  readonly certificate: string;
}

/**
 * HTTPS where a TLS identity is given, else plain HTTP. Port 0 draws a free one. A taken port rejects with Node's `EADDRINUSE`.
 * An answer that throws is a bug of the lab: the client gets a 500 with the message, and the lab lives on.
 */
export async function listenOnLoopback(port: number, answer: Answer, identity?: TlsIdentity): Promise<Loopback> {
  const options = { keepAliveTimeout: 60_000 };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(`The practice lab failed: ${error instanceof Error ? error.message : String(error)}\n`);
    });
  };
  const server =
    identity === undefined
      ? createServer(options, listener)
      : createTlsServer({ ...options, key: identity.key, cert: identity.certificate }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    port: bound,
    host: `127.0.0.1:${bound}`,
    dropConnections: () => server.closeAllConnections(),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export class BodyTooLarge extends Error {
  constructor(limitBytes: number) {
    super(`The request is larger than ${limitBytes} bytes.`);
    this.name = 'BodyTooLarge';
  }
}

/** Throws `BodyTooLarge` above the limit. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) {
      throw new BodyTooLarge(limitBytes);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
