// What a cluster's trouble is called. Decided from how the socket ended, the HTTP status and the Status object's reason.
import { type Problem, type ProblemCode, ProblemError } from '../../model/problem';
import { asNumber, asObject, asString, parseJson } from '../json';
import { causeOf } from '../redact';

/** A cluster's refusal, with what a retry needs to know. */
export class ClusterError extends ProblemError {
  /** The HTTP status, or the `code` of a Status event in a watch; undefined when no answer came. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, answer: { readonly status?: number; readonly retryAfterMs?: number | undefined } = {}) {
    super(problem);
    this.name = 'ClusterError';
    this.status = answer.status;
    this.retryAfterMs = answer.retryAfterMs;
  }
}

const tlsCodes =
  /^(?:ERR_TLS_\w+|ERR_SSL_\w+|EPROTO|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|ERR_OSSL_\w+|HOSTNAME_MISMATCH)$/;

/** A request that got no answer at all. */
export function unreachable(context: string, error: unknown): ClusterError {
  const code = asString(asObject(error)?.['code']) ?? '';
  const cause = causeOf(error instanceof Error ? error.message : String(error));
  if (tlsCodes.test(code)) {
    const message = `The certificate of the cluster ${context} cannot be trusted (${code}). Check the certificate authority in the kubeconfig.`;
    return new ClusterError({ code: 'cluster-tls', message, cause });
  }
  const message = `The cluster ${context} cannot be reached${code === '' ? '' : ` (${code})`}. Check the network or VPN; it is tried again by itself.`;
  return new ClusterError({ code: 'cluster-unreachable', message, cause });
}

/** An answer that is not what the Kubernetes API says. */
export function garbage(context: string, what: string, text: string): ClusterError {
  return new ClusterError({
    code: 'cluster-garbage',
    message: `The address of the cluster ${context} answered with something that is not Kubernetes (${what}). Check the server in the kubeconfig, or a proxy or sign-in page in between.`,
    cause: causeOf(text, 300),
  });
}

export interface RefusedAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: string | undefined;
}

/** A non-2xx answer, as the Status object tells it (Kubernetes API conventions, "Response Status Kind"). */
export function refused(context: string, what: string, answer: RefusedAnswer): ClusterError {
  const status = asObject(parseJson(answer.body));
  const isStatus = status?.['kind'] === 'Status';
  const words = isStatus ? (asString(status?.['message']) ?? '') : answer.body;
  const seconds = Number(answer.retryAfter ?? asNumber(asObject(status?.['details'])?.['retryAfterSeconds']));
  const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
  const [code, message] = refusal(context, what, answer.status, isStatus, words);
  return new ClusterError(
    { code, message, cause: causeOf(`${answer.status} ${words}`, 500) },
    { ...answer, retryAfterMs },
  );
}

function refusal(
  context: string,
  what: string,
  status: number,
  isStatus: boolean,
  words: string,
): readonly [ProblemCode, string] {
  if (status === 401) {
    return [
      'cluster-unauthorized',
      `The cluster ${context} does not accept the credentials. Sign in again (as for kubectl), then refresh.`,
    ];
  }
  if (status === 403) {
    return [
      'cluster-forbidden',
      `The cluster ${context} does not allow you to ${what}. Ask for that right; everything else works without it.`,
    ];
  }
  // An API server says the latter of a whole group that it does not serve, or not any more.
  if (status === 404 && (isStatus || words.trim() === '404 page not found')) {
    return ['kind-not-served', `The cluster ${context} does not know what is needed to ${what}.`];
  }
  if (!isStatus && status < 500 && status !== 429 && status !== 410) {
    return [
      'cluster-garbage',
      `The address of the cluster ${context} answered ${status} in a way that is not Kubernetes. Check the server in the kubeconfig.`,
    ];
  }
  return ['cluster-failed', `The cluster ${context} could not ${what} (HTTP ${status}). It is tried again by itself.`];
}
