import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a test lets a server say instead of its own answer. Without `status` its own answer is only late. */
export interface Fault {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly delayMs?: number;
}

export interface FaultyRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** The header, where there is one. */
  readonly authorization: string | undefined;
}

/** Asked at each request; undefined lets the server answer. */
export type FaultHook = (request: FaultyRequest) => Fault | undefined;

/** Says whether the fault answered. */
export async function playFault(
  hook: FaultHook | undefined,
  { method = 'GET', url = '/', headers }: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const fault = hook?.({ method, path: url, authorization: headers.authorization });
  if (fault?.delayMs !== undefined) {
    await sleep(fault.delayMs, undefined, { ref: false });
  }
  if (fault?.status === undefined) {
    return false;
  }
  response.writeHead(fault.status, fault.headers);
  response.end(fault.body ?? '');
  return true;
}
