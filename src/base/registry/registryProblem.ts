// A registry's trouble in words, from the HTTP status alone.
import { type Problem, ProblemError } from '../../model/problem';
import type { HttpAnswer, NoAnswer } from '../http';
import { causeOf } from '../redact';

export function registryUnreachable(host: string, error?: NoAnswer): Problem {
  return {
    code: 'registry-unreachable',
    message: `The registry ${host} cannot be reached. Check the network and the host's name; tags are shown without it.`,
    ...(error === undefined ? {} : { cause: causeOf(error.message) }),
  };
}

export function registryGarbage(host: string, what: string): ProblemError {
  return new ProblemError({
    code: 'registry-garbage',
    message: `${host} answered with something that a registry would not say (${what}). Check the image's host, or a proxy or sign-in page in between.`,
  });
}

/** What a non-2xx answer about `image` means. */
export function registryRefusal(host: string, image: string, answer: HttpAnswer): Problem {
  const cause = causeOf(`${answer.status} ${answer.body.toString('utf8')}`, 300);
  switch (answer.status) {
    case 401:
    case 403:
      return {
        code: 'registry-unauthorized',
        message: `The registry ${host} does not let you read ${image}. Sign in with docker login ${host}, or by Flux Promote: Sign In….`,
        cause,
        remedy: 'signIn',
      };
    case 404:
      return {
        code: 'registry-not-found',
        message: `The registry ${host} does not have what was asked of ${image}. Check its name and tag; a private image can look like this without a login.`,
        cause,
      };
    case 429:
      return {
        code: 'registry-rate-limited',
        message: `The registry ${host} asks to wait before the next request. It is asked again later; a login often raises the limit.`,
        cause,
      };
    default:
      return {
        code: 'registry-failed',
        message: `The registry ${host} could not answer about ${image} (HTTP ${answer.status}). It is asked again later.`,
        cause,
      };
  }
}
