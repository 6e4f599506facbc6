// Trouble on purpose: a test hands in a function that names the fault of a request, and the server does its worst.
import type { Json } from './json';

export type Fault =
  /** The connection is reset without an answer. */
  | { readonly type: 'close' }
  /** A Status with this code. */
  | { readonly type: 'status'; readonly code: number; readonly retryAfterSeconds?: number }
  /** HTML with code 200. */
  | { readonly type: 'garbage' }
  /** The right answer, cut in half. */
  | { readonly type: 'truncated' }
  /** Nothing, for ever. For a watch: headers, then nothing. */
  | { readonly type: 'stall' };

export interface FaultRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** `list`, `watch`, `patch`...; undefined for discovery and reviews. */
  readonly verb?: string;
  readonly kind?: string;
}

export type Faults = (request: FaultRequest) => Fault | undefined;

export const garbage = '<!doctype html><title>Sign in</title><p>This is not Kubernetes.';

export function truncate(body: Json): string {
  const text = JSON.stringify(body);
  return text.slice(0, Math.floor(text.length / 2));
}
