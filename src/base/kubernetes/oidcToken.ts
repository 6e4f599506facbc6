// The id token of an OIDC sign-in that kubectl keeps in the kubeconfig (`auth-provider`). It is not renewed here: the issuer may
// take each refresh token once, and the next one could not be given back to kubectl, for kubeconfigs are never written.
import { ProblemError } from '../../model/problem';
import { asNumber, asObject, asString, parseJson } from '../json';

/** Undefined for a user without. Throws `cluster-unauthorized` once the token has ended; `now` is milliseconds since the epoch. */
export function oidcToken(authProvider: unknown, context: string, now: number): string | undefined {
  if (!isOidc(authProvider)) return undefined;
  const token = asString(asObject(asObject(authProvider)?.['config'])?.['id-token']);
  if (token === undefined || token === '') throw ended(context, 'There is none');
  const end = endOf(token);
  if (end !== undefined && now >= end) throw ended(context, 'It has ended');
  return token;
}

export function isOidc(authProvider: unknown): boolean {
  return asObject(authProvider)?.['name'] === 'oidc';
}

/** `exp` of RFC 7519, section 4.1.4; undefined where it cannot be read: the server decides. */
function endOf(token: string): number | undefined {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  const seconds = asNumber(asObject(parseJson(payload))?.['exp']);
  return seconds === undefined ? undefined : seconds * 1000;
}

function ended(context: string, what: string): ProblemError {
  return new ProblemError({
    code: 'cluster-unauthorized',
    message: `The OIDC token of the context ${context} cannot be used. ${what}: run kubectl --context ${context} get namespaces in a terminal, which renews it in the kubeconfig; it is read from there.`,
  });
}
