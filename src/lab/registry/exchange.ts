import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RepositoryStore } from './repositoryStore';
import type { Uploads } from './uploads';

/** One request and all that a route needs to answer it. */
export interface Exchange {
  readonly store: RepositoryStore;
  readonly uploads: Uploads;
  readonly method: string;
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Throws `SIZE_INVALID` above the registry's limit. */
  readBody(): Promise<Buffer>;
}

export function sendJson({ response }: Exchange, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Headers only; for HEAD, and for answers that have no body. */
export function sendHead(
  { response }: Exchange,
  status: number,
  headers: Readonly<Record<string, string | number>>,
): void {
  response.writeHead(status, headers);
  response.end();
}
