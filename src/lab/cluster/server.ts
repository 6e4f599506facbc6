// The practice lab's Kubernetes API over HTTPS, on loopback only: one more client of the Store, for kubectl and the extension.
// Everything it answers comes from the store; it adds who may ask, the wire's shapes, and trouble on purpose for tests.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback } from '../loopback';
import { authorize, reviewAccess, reviewRules, type User } from './authorization';
import { selfSignedCertificate } from './certificate';
import { discover } from './discovery';
import { type Fault, type Faults, garbage, truncate } from './faults';
import type { Json } from './json';
import { formatKubeconfig } from './kubeconfig';
import { streamPodLog } from './podLog';
import { readBody, type Target, targetOf, verbOf } from './request';
import { type Answer, answerCall, selectionOf, shaper } from './resources';
import { failure, notFound, StatusError } from './status';
import type { Store } from './store';
import { streamWatch } from './watchStream';

export interface ApiServerOptions {
  readonly store: Store;
  /** 0: any free port. */
  readonly port: number;
  readonly tokens: { readonly admin: string; readonly viewer: string };
  readonly faults?: Faults;
  /** Time between a watch's bookmarks; as the real server's, a minute by default. */
  readonly bookmarkMs?: number;
}

export interface ApiServer {
  readonly url: string;
  readonly port: number;
  /** PEM; signs itself. */
  readonly certificate: string;
  /** YAML whose only, current context has this name. */
  readonly kubeconfig: (contextName: string, user?: User) => string;
  /** Resets every open connection, watches included; new ones are served. */
  readonly dropConnections: () => void;
  readonly stop: () => Promise<void>;
}

const defaultWatchMs = 30 * 60_000;

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { port: wanted, tokens } = options;
  const { key, certificate } = selfSignedCertificate(Date.now());
  const loopback = await listenOnLoopback(wanted, (incoming, response) => respond(options, incoming, response), {
    key,
    certificate,
  });
  const { port } = loopback;
  const url = `https://127.0.0.1:${port}`;
  return {
    url,
    port,
    certificate,
    kubeconfig: (contextName, user = 'admin') =>
      formatKubeconfig(contextName, { url, certificate, user, token: tokens[user] }),
    dropConnections: () => loopback.dropConnections(),
    stop: () => loopback.stop(),
  };
}

function reply(
  response: ServerResponse,
  code: number,
  body: Json,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', 'cache-control': 'no-cache, private', ...headers });
  response.end(JSON.stringify(body));
}

async function respond(options: ApiServerOptions, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await serve(options, incoming, response);
  } catch (error) {
    if (incoming.destroyed && !incoming.complete) return; // the client went away in the middle of its body
    const bug = (): StatusError =>
      failure(
        500,
        'InternalError',
        `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`,
      );
    const { status } = error instanceof StatusError ? error : bug();
    const retry = status.details?.retryAfterSeconds;
    if (response.headersSent) response.destroy();
    else reply(response, status.code, status, retry === undefined ? {} : { 'retry-after': String(retry) });
  }
}

async function serve(options: ApiServerOptions, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '', search] = (incoming.url ?? '').split('?', 2);
  const query = new URLSearchParams(search);
  const method = incoming.method ?? 'GET';
  const accept = incoming.headers.accept ?? '';
  const target = targetOf(path);
  const verb = target === undefined ? undefined : verbOf(method, target, query);
  const seen = { method, path, query, ...(target === undefined ? {} : { kind: target.kind.kind }) };
  const fault = options.faults?.(verb === undefined ? seen : { ...seen, verb });
  if (fault !== undefined && fault.type !== 'truncated') return misbehave(fault, verb, response);

  if (/^\/(?:healthz|livez|readyz)$/.test(path)) {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
    return undefined;
  }
  const user = userOf(options, incoming);
  const body = method === 'GET' ? undefined : await readBody(incoming);
  const answerTo = (code: number, answer: Json, type?: string): void => {
    if (fault === undefined) return reply(response, code, answer, type === undefined ? {} : { 'content-type': type });
    response.writeHead(code, { 'content-type': 'application/json' }).end(truncate(answer));
  };
  if (target === undefined || verb === undefined) {
    const found = method === 'GET' ? discover(path, accept) : undefined;
    if (found !== undefined) return answerTo(200, found.body, found.type);
    const { code, body: review } = answerReview(user, method, path, body);
    return answerTo(code, review);
  }
  const { kind, namespace, name, subresource } = target;
  const resource = `${kind.plural}${subresource === undefined ? '' : `/${subresource}`}`;
  authorize(user, { verb, group: kind.group, resource, namespace, name });
  if (verb === 'watch') return watch(options, target, query, accept, response);
  if (resource === 'pods/log' && verb === 'get') {
    const ref = { kind: 'Pod', name: name ?? '', ...(namespace === undefined ? {} : { namespace }) };
    const pod = options.store.get(ref);
    if (pod === undefined) throw notFound({ plural: 'pods', group: '', name: ref.name });
    return streamPodLog(options.store, pod, query, response);
  }
  const answer = answerCall(
    options.store,
    {
      target,
      verb,
      query,
      accept,
      contentType: incoming.headers['content-type'] ?? '',
      userAgent: incoming.headers['user-agent'] ?? '',
      body,
    },
    Date.now,
  );
  return answerTo(answer.code, answer.body);
}

function userOf({ tokens }: ApiServerOptions, incoming: IncomingMessage): User {
  const authorization = incoming.headers.authorization ?? '';
  for (const user of ['admin', 'viewer'] as const) if (authorization === `Bearer ${tokens[user]}`) return user;
  throw failure(401, 'Unauthorized', 'Unauthorized');
}

function answerReview(user: User, method: string, path: string, body: Json | undefined): Answer {
  const name = /^\/apis\/authorization\.k8s\.io\/v1\/([a-z]+)$/.exec(path)?.[1];
  if (method === 'POST' && name === 'selfsubjectaccessreviews') return { code: 201, body: reviewAccess(user, body) };
  if (method === 'POST' && name === 'selfsubjectrulesreviews') return { code: 201, body: reviewRules(user, body) };
  throw failure(404, 'NotFound', 'the server could not find the requested resource');
}

function watch(
  { store, bookmarkMs = 60_000 }: ApiServerOptions,
  target: Target,
  query: URLSearchParams,
  accept: string,
  response: ServerResponse,
): void {
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  streamWatch(store, response, {
    kind: target.kind,
    selection: selectionOf({ target, query }),
    since: query.get('resourceVersion') ?? '',
    timeoutMs: seconds > 0 ? seconds * 1000 : defaultWatchMs,
    ...(query.get('allowWatchBookmarks') === 'true' ? { bookmarkMs } : {}),
    ...(query.get('sendInitialEvents') === 'true' ? { initial: 'marked' } : {}),
    shape: shaper(target.kind, accept, query, Date.now),
  });
}

function misbehave(
  fault: Exclude<Fault, { type: 'truncated' }>,
  verb: string | undefined,
  response: ServerResponse,
): void {
  if (fault.type === 'close') response.socket?.destroy();
  else if (fault.type === 'garbage') response.writeHead(200, { 'content-type': 'text/html' }).end(garbage);
  else if (fault.type === 'status') {
    const reasons: Readonly<Record<number, string>> = { 403: 'Forbidden', 410: 'Expired', 429: 'TooManyRequests' };
    const retryAfterSeconds = fault.retryAfterSeconds;
    const details = retryAfterSeconds === undefined ? undefined : { retryAfterSeconds };
    throw failure(
      fault.code,
      reasons[fault.code] ?? 'InternalError',
      'the practice lab was told to fail here',
      details,
    );
  } else if (verb === 'watch') response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
}
