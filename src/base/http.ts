// One request by global fetch (in the extension host that is VS Code's, with its proxy and certificates), limited in
// time and size. Kubernetes does not go this way: see kubernetes/connection.ts.
import { asObject, asString } from './json';
import { readCapped, withinTime } from './limits';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpRequest {
  readonly url: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the sentence when it takes too long or is too large: `The registry ghcr.io`. */
  readonly who: string;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** Where it came from after redirects. */
  readonly url: string;
}

/** No answer came; `cause` is the system's code or words. */
export class NoAnswer extends Error {}

/** Throws `NoAnswer`, `timed-out`, `too-large`, or the signal's reason. */
export async function send(fetch: Fetch, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const { url, method = 'GET', headers = {}, who, timeoutMs = 20_000, maxBytes = 16_000_000 } = request;
  return await withinTime({ ms: timeoutMs, who }, signal, async (within) => {
    try {
      const content = request.body === undefined ? {} : { body: request.body };
      const response = await fetch(url, { method, headers: { ...headers }, ...content, signal: within });
      const body = response.body === null ? Buffer.alloc(0) : await readCapped(chunksOf(response.body), maxBytes, who);
      return {
        status: response.status,
        headers: response.headers,
        body,
        url: response.url === '' ? url : response.url,
      };
    } catch (error) {
      // fetch says everything that befalls a connection by a TypeError; the reason hangs below it.
      if (error instanceof TypeError && !within.aborted) throw new NoAnswer(reasonOf(error), { cause: error });
      throw error;
    }
  });
}

function reasonOf(error: TypeError): string {
  const cause = asObject(error.cause);
  return asString(cause?.['code']) ?? asString(cause?.['message']) ?? error.message;
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Stops the download when the reader of the chunks has had enough.
    await reader.cancel().catch(() => undefined);
  }
}
