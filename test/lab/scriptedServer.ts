// A server on loopback that answers as each test says: the place for faults that no lab should have.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';

export type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface ScriptedServer {
  readonly port: number;
  readonly url: string;
  /** Path and query of every request, in order. */
  readonly requests: readonly string[];
  /** Ends every open connection; new ones are served. */
  readonly drop: () => void;
  readonly close: () => Promise<void>;
}

export async function scriptedServer(answer: Answer, tls?: ServerOptions): Promise<ScriptedServer> {
  const requests: string[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    Promise.resolve(answer(request, response)).catch((error: unknown) => {
      response.writeHead(599).end(String(error));
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    drop: () => server.closeAllConnections(),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function html(response: ServerResponse, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
}
