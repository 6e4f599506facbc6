// A forge on loopback that answers in the shapes of GitHub's REST API and runs the workflows of its repositories.
// What it says of commits, files, workflows and releases is read from Git when it is asked; it remembers only runs
// and pull requests. It knows nothing of Flux.
// Source of the shapes: @octokit/openapi-types (types only); of the messages: GitHub's documentation and answers.

import { createHash, timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { asObject, parseJson } from '../../base/json';
import { owner } from '../content/names';
import { type FaultHook, playFault } from '../fault';
import { listenOnLoopback, readBody } from '../loopback';
import { type ForgeAnswer, ForgeRefusal, notFound, ok } from './forgeAnswer';
import { type ForgeRequest, type ForgeScene, matchPath, type RepositoryRoute, type Route } from './forgeRequest';
import { ForgeState } from './forgeState';
import { RateLimit } from './rateLimit';
import { contentRoutes } from './routes/contentRoutes';
import { pullRoutes } from './routes/pullRoutes';
import { pageRoutes } from './routes/runPage';
import { runRoutes } from './routes/runRoutes';
import { workflowRoutes } from './routes/workflowRoutes';
import { endAbandonedRuns, Runner } from './runner/runner';
import { shapeOwnAccount } from './shapes/account';

export interface ForgeOptions {
  /** Where the state is kept. */
  readonly folder: string;
  /** 0 draws a free one. */
  readonly port: number;
  readonly token: string;
  /** `http://127.0.0.1:PORT` */
  readonly registryUrl: string;
  /** `http://127.0.0.1:PORT` of the Git server, for clone addresses and image labels. */
  readonly gitUrl: string;
  /** The folder of the bare repositories `<name>.git`; each of them is a repository of `acme`. */
  readonly gitRoot: string;
  readonly now?: () => number;
  /** How long each step of a run takes at least; 350 ms unless told. */
  readonly stepMs?: number;
  /** Requests an hour; 5000 unless told, as on GitHub. */
  readonly rateLimit?: number;
  /** What the rules of these branches say: the Git server's own hook has to refuse the push. */
  readonly protectedBranches?: readonly string[];
  /** Jobs of these deployment environments wait for an approval. */
  readonly protectedEnvironments?: readonly string[];
  readonly fault?: FaultHook;
}

export interface RunningForge {
  readonly port: number;
  /** `http://127.0.0.1:PORT`, in the place of `https://api.github.com`. */
  readonly apiUrl: string;
  stop(): Promise<void>;
}

const bodyLimitBytes = 1024 * 1024;
const documentation = 'https://docs.github.com/rest';

const routes: readonly Route[] = [
  { method: 'GET', path: '/user', answer: ({ scene }) => Promise.resolve(ok(shapeOwnAccount(scene.apiUrl, 0))) },
  ...[...workflowRoutes, ...runRoutes, ...contentRoutes, ...pullRoutes].map(belowRepository),
];

/** Rejects with `EADDRINUSE` on a taken port. */
export async function startForge(options: ForgeOptions): Promise<RunningForge> {
  const { gitRoot, gitUrl, registryUrl, token, fault, now = Date.now, stepMs = 350 } = options;
  const { protectedBranches = [], protectedEnvironments = [] } = options;
  const state = await ForgeState.open(join(options.folder, 'forge.json'));
  endAbandonedRuns(state, now());
  await state.save();
  const runner = new Runner({
    state,
    gitRoot,
    forgeUrl: () => `http://${server.host}`,
    registryUrl,
    now,
    stepMs,
    protectedEnvironments,
  });
  const rateLimit = new RateLimit(options.rateLimit ?? 5000, now);
  const server = await listenOnLoopback(options.port, async (request, response) => {
    if (await playFault(fault, request, response)) {
      return;
    }
    const scene: ForgeScene = {
      apiUrl: `http://${server.host}`,
      gitUrl,
      gitRoot,
      registryUrl,
      state,
      runner,
      now,
      protectedBranches,
      protectedEnvironments,
    };
    try {
      const page = findAnswer(pageRoutes, request, scene);
      if (page) {
        send(request, response, await page);
        return;
      }
      if (!isAuthorized(request, token)) {
        throw new ForgeRefusal(401, 'Bad credentials');
      }
      const { isExceeded, headers } = rateLimit.take();
      for (const [name, value] of Object.entries(headers)) {
        response.setHeader(name, value);
      }
      if (isExceeded) {
        throw new ForgeRefusal(403, 'API rate limit exceeded for the practice lab.');
      }
      const answer = findAnswer(routes, request, scene);
      if (!answer) {
        throw notFound();
      }
      send(request, response, await answer);
    } catch (error) {
      if (!(error instanceof ForgeRefusal)) {
        throw error;
      }
      const body = { message: error.message, documentation_url: documentation, status: String(error.status) };
      send(request, response, { status: error.status, body, headers: error.headers });
    }
  });
  return {
    port: server.port,
    apiUrl: `http://${server.host}`,
    stop: async () => {
      await server.stop();
      await runner.stop();
    },
  };
}

/** Undefined when no route fits. */
function findAnswer(
  candidates: readonly Route[],
  request: IncomingMessage,
  scene: ForgeScene,
): Promise<ForgeAnswer> | undefined {
  const url = new URL(request.url ?? '/', scene.apiUrl);
  for (const route of candidates) {
    const parameters = route.method === request.method ? matchPath(route.path, url.pathname) : undefined;
    if (parameters) {
      return route.answer({ scene, parameters, url, readJson: () => readJson(request) });
    }
  }
  return undefined;
}

function belowRepository({ method, path, answer }: RepositoryRoute): Route {
  return {
    method,
    path: `/repos/{owner}/{repo}${path}`,
    answer: async (request: ForgeRequest) => {
      const { scene, parameters } = request;
      const name = parameters['repo'] ?? '';
      const folder = join(scene.gitRoot, `${name}.git`);
      if (parameters['owner'] !== owner || !/^[\w.-]+$/.test(name) || !(await isFolder(folder))) {
        throw notFound();
      }
      return answer({ ...request, folder, place: { apiUrl: scene.apiUrl, gitUrl: scene.gitUrl, name } });
    },
  };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return false;
    }
    throw error;
  }
}

async function readJson(request: IncomingMessage) {
  const text = (await readBody(request, bodyLimitBytes)).toString('utf8');
  const body = asObject(parseJson(text === '' ? '{}' : text));
  if (!body) {
    throw new ForgeRefusal(400, 'Problems parsing JSON');
  }
  return body;
}

function send(request: IncomingMessage, response: ServerResponse, { status, body, text, headers }: ForgeAnswer): void {
  const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
  for (const [name, value] of Object.entries(headers ?? {})) {
    response.setHeader(name, value);
  }
  if (content === undefined) {
    response.writeHead(status);
    response.end();
    return;
  }
  if (status === 200 && request.method === 'GET') {
    const etag = `"${createHash('sha256').update(content).digest('hex')}"`;
    response.setHeader('etag', etag);
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304);
      response.end();
      return;
    }
  }
  response.writeHead(status, {
    'content-type': text === undefined ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(content),
  });
  response.end(content);
}

/** `Bearer TOKEN`, or GitHub's older `token TOKEN`. */
function isAuthorized({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from((headers.authorization ?? '').replace(/^(bearer|token) /i, ''));
  const expected = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
