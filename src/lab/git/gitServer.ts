// The lab's Git remote: smart HTTP by `git http-backend`, push allowed, on loopback.
// Server-side hooks of the bare repositories run as on any remote.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback } from '../loopback';
import { CgiHead } from './cgiHead';
import { asMissing, gitEnvironment, runGit } from './labGit';

export interface GitServerOptions {
  /** The folder that holds `NAME.git`, bare repositories with `http.receivepack`. */
  readonly root: string;
  /** 0 draws a free one. */
  readonly port: number;
  /** Without them everybody on loopback may read and push. */
  readonly credentials?: { readonly user: string; readonly password: string };
}

export interface RunningGitServer {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly baseUrl: string;
  /** `flux` → `http://127.0.0.1:PORT/flux.git` */
  url(repository: string): string;
  stop(): Promise<void>;
}

/** Rejects with `EADDRINUSE` on a taken port, and with `ProblemError` `git-missing` where there is no git. */
export async function startGitServer({ root, port, credentials }: GitServerOptions): Promise<RunningGitServer> {
  await runGit(['--version']);
  const children = new Set<ChildProcessWithoutNullStreams>();
  const server = await listenOnLoopback(port, async (request, response) => {
    if (credentials && !isAuthorized(request, `${credentials.user}:${credentials.password}`)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="Practice lab"', 'content-type': 'text/plain' });
      response.end('This repository asks for a user and a password.\n');
      return;
    }
    const child = spawn('git', ['http-backend'], {
      env: cgiEnvironment(root, request),
      stdio: 'pipe',
      windowsHide: true,
    });
    children.add(child);
    try {
      await relay(request, response, child);
    } finally {
      children.delete(child);
    }
  });
  const baseUrl = `http://${server.host}`;
  return {
    port: server.port,
    baseUrl,
    url: (repository) => `${baseUrl}/${repository}.git`,
    stop: async () => {
      await server.stop();
      for (const child of children) {
        child.kill();
      }
    },
  };
}

/** RFC 3875, and `git-http-backend(1)`. */
function cgiEnvironment(root: string, request: IncomingMessage): NodeJS.ProcessEnv {
  const url = new URL(request.url ?? '/', 'http://git');
  const { headers } = request;
  return {
    ...gitEnvironment(),
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method ?? 'GET',
    CONTENT_TYPE: headers['content-type'] ?? '',
    // Git inflates a gzip'd body itself when it is told. Without a length it reads to the end (chunked bodies).
    HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
    ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
    REMOTE_USER: 'lab',
    REMOTE_ADDR: '127.0.0.1',
  };
}

async function relay(
  request: IncomingMessage,
  response: ServerResponse,
  child: ChildProcessWithoutNullStreams,
): Promise<void> {
  const complaints: Buffer[] = [];
  const head = new CgiHead();
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(asMissing(error)));
    child.once('close', resolve);
  });
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  // The backend may answer before it has read everything (an unknown repository), the client may leave in the middle.
  child.stdin.on('error', () => undefined);
  response.once('close', () => child.kill());
  request.pipe(child.stdin);
  child.stdout.on('data', (chunk: Buffer) => {
    const body = head.push(chunk, (status, headers) => response.writeHead(status, headers));
    if (body.length > 0 && !response.write(body)) {
      child.stdout.pause();
      response.once('drain', () => child.stdout.resume());
    }
  });
  await ended;
  if (!head.isComplete) {
    throw new Error(`git http-backend gave no answer: ${Buffer.concat(complaints).toString('utf8').trim()}`);
  }
  response.end();
}

function isAuthorized(request: IncomingMessage, userAndPassword: string): boolean {
  const expected = Buffer.from(`Basic ${Buffer.from(userAndPassword).toString('base64')}`);
  const given = Buffer.from(request.headers.authorization ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
