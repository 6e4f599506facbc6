/** What a route answers; a body is sent as JSON. */
export interface ForgeAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** Sent as it is, instead of JSON. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function ok(body: unknown): ForgeAnswer {
  return { status: 200, body };
}

/** Thrown by the forge's own code, answered in GitHub's shape: `{message, documentation_url, status}`. */
export class ForgeRefusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'ForgeRefusal';
    this.status = status;
    this.headers = headers;
  }
}

export function notFound(): ForgeRefusal {
  return new ForgeRefusal(404, 'Not Found');
}
