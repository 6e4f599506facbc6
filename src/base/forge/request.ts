// The only door to a forge: @octokit/request over our own limited fetch, with the login asked for each time, answers kept
// by ETag, and silence for as long as the forge asks for it.
import { request as octokit } from '@octokit/request';
import { ProblemError } from '../../model/problem';
import type { Clock } from '../clock';
import { cooldown } from '../cooldown';
import { type Fetch, NoAnswer, send } from '../http';
import { asObject, asString } from '../json';
import type { Logger } from '../logger';
import { forgeRefusal, forgeUnreachable, forgeWaitMs } from './forgeProblem';

export interface ForgeAccess {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `https://api.github.com`, `https://HOST/api/v3`; without a trailing slash. */
  readonly apiUrl: string;
  /** The login's token, if there is one. Never asks a person. */
  readonly token: (signal: AbortSignal) => Promise<string | undefined>;
}

export interface ForgeRequest {
  readonly method: 'GET' | 'POST';
  /** Below the API's address, parts encoded. */
  readonly path: string;
  /** Behind "could not" and "does not let you". */
  readonly what: string;
  readonly body?: object;
}

export interface ForgeAnswer {
  readonly status: number;
  /** Parsed when it was JSON, else text. */
  readonly data: unknown;
}

/** A refusal, with the body that a retry may have to look at. */
export class ForgeError extends ProblemError {
  readonly status: number;
  readonly data: unknown;

  constructor(problem: ProblemError['problem'], status: number, data: unknown) {
    super(problem);
    this.name = 'ForgeError';
    this.status = status;
    this.data = data;
  }
}

export type ForgeSend = (request: ForgeRequest, signal: AbortSignal) => Promise<ForgeAnswer>;

const keptAnswers = 200;

/** Rejects with `ForgeError`, or a `forge-unreachable`, `timed-out` or `too-large` problem. */
export function forgeSend({ fetch, clock, logger, apiUrl, token }: ForgeAccess): ForgeSend {
  const { host } = new URL(apiUrl);
  const quiet = cooldown(clock);
  // Oldest first; keyed by address and token, for two people may see different things.
  const kept = new Map<string, { readonly etag: string; readonly data: unknown }>();

  const limitedFetch = async (url: string, init: RequestInit): Promise<Response> => {
    const answer = await send(
      fetch,
      {
        url,
        who: host,
        ...(init.method === undefined ? {} : { method: init.method }),
        ...(typeof init.body === 'string' ? { body: init.body } : {}),
        headers: Object.fromEntries(new Headers(init.headers)),
      },
      init.signal ?? new AbortController().signal,
    );
    const hasBody = ![204, 205, 304].includes(answer.status);
    // The body is already unpacked: its old length and encoding are no longer true.
    const headers = new Headers(answer.headers);
    headers.delete('content-encoding');
    headers.delete('content-length');
    return new Response(hasBody ? new Uint8Array(answer.body) : null, { status: answer.status, headers });
  };

  return async ({ method, path, what, body }, signal) => {
    const waiting = quiet.active(host);
    if (waiting !== undefined) throw new ProblemError(waiting);
    const login = await token(signal);
    const key = `${path}\n${login ?? ''}`;
    const earlier = method === 'GET' ? kept.get(key) : undefined;
    try {
      const answer = await octokit(`${method} ${path}`, {
        baseUrl: apiUrl,
        headers: {
          accept: 'application/vnd.github+json',
          'x-github-api-version': '2022-11-28',
          'user-agent': 'flux-promote',
          ...(login === undefined ? {} : { authorization: `Bearer ${login}` }),
          ...(earlier === undefined ? {} : { 'if-none-match': earlier.etag }),
        },
        ...(body === undefined ? {} : { data: body }),
        request: { fetch: limitedFetch, signal, log: logger },
      });
      const data: unknown = answer.data;
      if (method === 'GET' && answer.headers.etag !== undefined) {
        kept.delete(key);
        kept.set(key, { etag: answer.headers.etag, data });
        const [oldest] = kept.keys();
        if (kept.size > keptAnswers && oldest !== undefined) kept.delete(oldest);
      }
      return { status: answer.status, data };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const refusal = refusalOf(error);
      if (refusal === undefined) throw reasonOf(host, error);
      if (refusal.status === 304 && earlier !== undefined) return { status: 200, data: earlier.data };
      const answered = { host, what, ...refusal };
      const problem = forgeRefusal(answered, clock.now());
      const waitMs = forgeWaitMs(answered, clock.now());
      if (waitMs !== undefined) quiet.begin(host, problem, waitMs);
      throw new ForgeError(problem, refusal.status, refusal.data);
    }
  };
}

interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

/** What octokit's RequestError carries when an answer came. By shape: its class may come from another bundle. */
function refusalOf(error: unknown): Refusal | undefined {
  const response = asObject(asObject(error)?.['response']);
  if (response === undefined || typeof response['status'] !== 'number') return undefined;
  const headers = Object.entries(asObject(response['headers']) ?? {}).flatMap(([name, value]) =>
    typeof value === 'number' || typeof value === 'string' ? [[name, value] as const] : [],
  );
  return { status: response['status'], headers: Object.fromEntries(headers), data: response['data'] };
}

/** Octokit wraps what our fetch throws into an error of its own. */
function reasonOf(host: string, error: unknown): unknown {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (cause instanceof NoAnswer) return forgeUnreachable(host, cause);
  return cause instanceof ProblemError ? cause : error;
}

/** Base64 contents of a file answer. */
export function contentOf(data: unknown): string | undefined {
  const file = asObject(data);
  const content = asString(file?.['content']);
  if (content === undefined || file?.['encoding'] !== 'base64') return undefined;
  return Buffer.from(content, 'base64').toString('utf8');
}
