import { request as requestPlain } from 'node:http';
import { type RequestOptions, request as requestTls } from 'node:https';

export interface Call {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of the server's own authority. */
  readonly ca?: string;
  /** Takes any certificate; only for a program of ours that made its own. */
  readonly isTrusted?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const timeoutMs = 30_000;

/** One request to loopback, on a connection of its own. Rejects where nobody answers. */
export function ask(
  url: string,
  { method = 'GET', body, headers = {}, ca, isTrusted = false }: Call = {},
): Promise<Answer> {
  const options: RequestOptions = {
    method,
    headers,
    agent: false,
    timeout: timeoutMs,
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: !isTrusted,
  };
  const send = url.startsWith('https:') ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    const sent = send(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${url}: no answer within ${timeoutMs} ms`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Whether it answers as it does when it serves; nobody there is a no. */
export async function isServing(
  url: string,
  { status = 200, ...call }: Call & { readonly status?: number } = {},
): Promise<boolean> {
  try {
    return (await ask(url, call)).status === status;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET'))
      return false;
    throw error;
  }
}
