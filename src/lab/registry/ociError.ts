import type { ServerResponse } from 'node:http';

/** The codes of the OCI distribution specification, "Error Codes", and the status that each goes with here. */
const statuses = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 416,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  PAGINATION_NUMBER_INVALID: 400,
  SIZE_INVALID: 413,
  TAG_INVALID: 400,
  UNSUPPORTED: 405,
} as const;

/** Thrown by the registry's own code, answered as the standard error JSON. */
export class OciError extends Error {
  readonly code: keyof typeof statuses;
  readonly detail: Readonly<Record<string, string>>;

  constructor(code: keyof typeof statuses, message: string, detail: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'OciError';
    this.code = code;
    this.detail = detail;
  }
}

export function sendOciError(response: ServerResponse, { code, message, detail }: OciError): void {
  const body = JSON.stringify({ errors: [{ code, message, detail }] });
  response.writeHead(statuses[code], { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
