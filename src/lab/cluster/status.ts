// Kubernetes' own way to say no: a `Status` value. Every refusal of the lab's API is one of these, thrown as StatusError.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/

export type StatusCause = { readonly reason: string; readonly message: string; readonly field: string };

export type Status = {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly resourceVersion?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly uid?: string;
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
  readonly code: number;
};

/** What was asked about: the plural name of the kind, its group, and the object's name. */
export interface Subject {
  readonly plural: string;
  readonly group: string;
  readonly name?: string;
}

export class StatusError extends Error {
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'refused');
    this.name = 'StatusError';
    this.status = status;
  }
}

export function failure(code: number, reason: string, message: string, details?: Status['details']): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  });
}

/** As Kubernetes writes it: `deployments.apps "backend"`. */
function label({ plural, group, name }: Subject): string {
  return `${plural}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` "${name}"`}`;
}

function details({ plural, group, name }: Subject): NonNullable<Status['details']> {
  return { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural };
}

export function notFound(subject: Subject): StatusError {
  return failure(404, 'NotFound', `${label(subject)} not found`, details(subject));
}

export function alreadyExists(subject: Subject): StatusError {
  return failure(409, 'AlreadyExists', `${label(subject)} already exists`, details(subject));
}

export function conflict(subject: Subject, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${label(subject)}: ${why}`;
  return failure(409, 'Conflict', message, details(subject));
}

export function applyConflict(causes: readonly StatusCause[]): StatusError {
  const list = causes.map((cause) => `${cause.message}: ${cause.field}`).join('\n- ');
  const count = `${causes.length} conflict${causes.length === 1 ? '' : 's'}`;
  return failure(409, 'Conflict', `Apply failed with ${count}: ${list}`, { causes });
}

export function invalid(kind: string, subject: Subject, causes: readonly StatusCause[]): StatusError {
  const list = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const text = list.length === 1 ? list[0] : `[${list.join(', ')}]`;
  const named = `${kind}${subject.group === '' ? '' : `.${subject.group}`} "${subject.name ?? ''}"`;
  return failure(422, 'Invalid', `${named} is invalid: ${text}`, { ...details(subject), kind, causes });
}

export function badRequest(message: string): StatusError {
  return failure(400, 'BadRequest', message);
}

export function expired(asked: string, oldest: string): StatusError {
  return failure(410, 'Expired', `too old resource version: ${asked} (${oldest})`);
}

export function methodNotAllowed(): StatusError {
  return failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
}

export function unsupportedPatch(): StatusError {
  const message = 'the body of the request was in an unknown format - accepted media types include: ';
  return failure(415, 'UnsupportedMediaType', `${message}application/json-patch+json, application/merge-patch+json`);
}
