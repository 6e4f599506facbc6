// One HTTP request to one cluster, signed as the kubeconfig says. node:http(s) and not fetch: the API server's own
// certificate authority, client certificates and day-long streams need it.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import { type Clock, systemClock } from '../clock';
import type { Disposable } from '../lifetime';
import { readCapped, withinTime } from '../limits';
import { type Turns, turns } from '../turns';
import { ClusterError, refused, unreachable } from './clusterProblem';

export type SignedOptions = Omit<RequestOptions, 'headers'> & { readonly headers?: OutgoingHttpHeaders };

/** How one context is reached; made by `kubeconfig.ts`, which lives in a bundle of its own. */
export interface ClusterAccess {
  readonly context: string;
  /** `https://host:port/prefix`, without a trailing slash. */
  readonly server: string;
  /** Headers, certificates and, behind a proxy, the agent; asked before each request, so that tokens may rotate. */
  sign(signal: AbortSignal): Promise<SignedOptions>;
  /** Told that the server answered 401: whether other credentials can be had, so that asking once more is worth it. */
  renew(): boolean;
}

export interface ClusterRequest {
  readonly method: 'GET' | 'PATCH' | 'POST';
  /** Begins with a slash; query included. */
  readonly path: string;
  /** What the request is for, behind "does not allow you to" and "could not". */
  readonly what: string;
  readonly body?: string;
  readonly contentType?: string;
}

export interface ClusterConnection extends Disposable {
  readonly context: string;
  /** The whole answer; a refusal is a `ClusterError`. */
  send(request: ClusterRequest, signal: AbortSignal): Promise<string>;
  /** The answer as it comes, once its head has come. Ends with the signal. */
  stream(request: ClusterRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>>;
}

export interface ConnectionLimits {
  /** Until the whole answer, or a stream's head, is here. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** How many requests are under way at once; streams are not counted, for they do not end. Shared by all contexts of a server. */
  readonly inTurn: Turns;
  readonly clock: Clock;
}

const defaults = { timeoutMs: 30_000, maxBytes: 64_000_000, clock: systemClock };
const maxRequests = 6;

/** What one server is asked at once, whoever asks. */
export function requestBudget(): Turns {
  return turns(maxRequests);
}

export function connectCluster(access: ClusterAccess, given: Partial<ConnectionLimits> = {}): ClusterConnection {
  const limits = { ...defaults, inTurn: requestBudget(), ...given };
  const { context } = access;
  const isPlain = access.server.startsWith('http:');
  // Agents keep sockets by certificate and server name, so one serves all requests of this connection.
  const agent = isPlain ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true });
  const limit = { ms: limits.timeoutMs, who: `The cluster ${context}`, clock: limits.clock };

  const open = async (request: ClusterRequest, signal: AbortSignal): Promise<IncomingMessage> => {
    const signed = await access.sign(signal);
    const { headers = {}, ...transport } = signed;
    const options: RequestOptions = {
      agent,
      ...transport,
      method: request.method,
      signal,
      headers: {
        accept: 'application/json, */*',
        ...(request.body === undefined
          ? {}
          : {
              'content-type': request.contentType ?? 'application/json',
              'content-length': Buffer.byteLength(request.body),
            }),
        ...headers,
      },
    };
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const url = `${access.server}${request.path}`;
      const outgoing = isPlain ? httpRequest(url, options, resolve) : httpsRequest(url, options, resolve);
      outgoing.on('error', (error) => reject(signal.aborted ? signal.reason : unreachable(context, error)));
      outgoing.end(request.body);
    });
  };

  const read = async (answer: IncomingMessage, signal: AbortSignal): Promise<string> => {
    try {
      return (await readCapped(answer, limits.maxBytes, `The cluster ${context}`)).toString('utf8');
    } catch (error) {
      answer.destroy();
      if (signal.aborted) throw signal.reason;
      throw isSocketError(error) ? unreachable(context, error) : error;
    }
  };

  const accepted = async (request: ClusterRequest, signal: AbortSignal): Promise<IncomingMessage> => {
    let answer = await open(request, signal);
    if (answer.statusCode === 401 && access.renew()) {
      answer.destroy();
      answer = await open(request, signal);
    }
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    const body = await read(answer, signal);
    throw refused(context, request.what, { status, body, retryAfter: answer.headers['retry-after'] });
  };

  return {
    context,
    send: async (request, signal) =>
      await limits.inTurn(
        async () =>
          await withinTime(limit, signal, async (within) => await read(await accepted(request, within), within)),
        signal,
      ),
    stream: async (request, signal) => {
      // Only the head has a time limit; afterwards the body lives as long as the caller's signal.
      const body = new AbortController();
      const answer = await withinTime(limit, signal, async (within) => {
        const stop = (): void => body.abort(within.reason);
        within.addEventListener('abort', stop, { once: true });
        try {
          return await accepted(request, body.signal);
        } finally {
          within.removeEventListener('abort', stop);
        }
      });
      return chunksOf(answer, context, signal, body);
    },
    dispose: () => agent.destroy(),
  };
}

async function* chunksOf(
  answer: IncomingMessage,
  context: string,
  signal: AbortSignal,
  body: AbortController,
): AsyncGenerator<Buffer> {
  const stop = (): void => body.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw isSocketError(error) ? unreachable(context, error) : error;
  } finally {
    signal.removeEventListener('abort', stop);
    answer.destroy();
  }
}

function isSocketError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && !(error instanceof ClusterError);
}
