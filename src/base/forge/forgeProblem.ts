// A forge's trouble in words, from the HTTP status and GitHub's rate-limit headers.
// Source: GitHub REST API, "Troubleshooting the REST API" and "Rate limits for the REST API".
import { type Problem, ProblemError } from '../../model/problem';
import { parseRetryAfter } from '../cooldown';
import type { NoAnswer } from '../http';
import { asArray, asObject, asString } from '../json';
import { causeOf } from '../redact';

export interface ForgeRefusal {
  /** Host of the API. */
  readonly host: string;
  /** Behind "could not" and "does not let you". */
  readonly what: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

/** How long the forge wants to be left alone; undefined when it does not say so. */
export function forgeWaitMs({ status, headers, data }: ForgeRefusal, now: number): number | undefined {
  const retryAfter = parseRetryAfter(textOf(headers['retry-after']), now);
  if (retryAfter !== undefined && [403, 429, 503].includes(status)) return retryAfter;
  if (status !== 403 && status !== 429) return undefined;
  if (textOf(headers['x-ratelimit-remaining']) === '0') {
    return Math.max(1000, Number(headers['x-ratelimit-reset']) * 1000 - now || 60_000);
  }
  // A secondary limit without a header: GitHub asks for at least a minute.
  const isSecondary = asString(asObject(data)?.['documentation_url'])?.includes('rate-limits') === true;
  return status === 429 || isSecondary ? 60_000 : undefined;
}

export function forgeRefusal(refusal: ForgeRefusal, now: number): Problem {
  const { host, what, status, data } = refusal;
  const words = wordsOf(data);
  const cause = causeOf(`${status} ${words}`, 500);
  if (forgeWaitMs(refusal, now) !== undefined && status !== 503) {
    const message = `${host} asks to wait: its request limit is used up. It is asked again later; signing in raises the limit.`;
    return { code: 'forge-rate-limited', message, cause };
  }
  switch (status) {
    case 401:
      return {
        code: 'forge-unauthorized',
        message: `${host} does not accept the login. Sign in again, then refresh.`,
        cause,
        remedy: 'signIn',
      };
    case 403:
      return {
        code: 'forge-unauthorized',
        message: `${host} does not let you ${what}. Sign in with an account that may, or ask for the right.`,
        cause,
        remedy: 'signIn',
      };
    case 404:
      return {
        code: 'forge-not-found',
        message: `${host} could not ${what}: there is no such thing, or it is private. Check fluxPromote.services, or sign in.`,
        cause,
        remedy: 'signIn',
      };
    case 422:
      return { code: 'forge-refused', message: `${host} refused to ${what}: ${words || 'no reason given'}.`, cause };
    default:
      return {
        code: 'forge-failed',
        message: `${host} could not ${what} (HTTP ${status}). Try again in a moment.`,
        cause,
      };
  }
}

export function forgeUnreachable(host: string, error: NoAnswer): ProblemError {
  return new ProblemError({
    code: 'forge-unreachable',
    message: `${host} cannot be reached. Check the network and the address in fluxPromote.forges.`,
    cause: causeOf(error.message),
  });
}

export function forgeGarbage(host: string, what: string): ProblemError {
  return new ProblemError({
    code: 'forge-failed',
    message: `${host} answered with something that is not its API when asked to ${what}. Check the address in fluxPromote.forges, or a proxy or sign-in page in between.`,
  });
}

function textOf(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** `message`, and what `errors` add to it. Plain text and HTML say nothing to a person. */
function wordsOf(data: unknown): string {
  const body = asObject(data);
  const errors = asArray(body?.['errors']).map(
    (entry) => asString(entry) ?? asString(asObject(entry)?.['message']) ?? '',
  );
  return causeOf([asString(body?.['message']) ?? '', ...errors].filter((text) => text !== '').join('; '), 300);
}
