// An OCI distribution registry, read only: tags, digests, manifests, labels. Bytes are hashed, never re-serialised.
// Source: OCI distribution specification 1.1; token flow: distribution/docs "Token Authentication Specification".
import { createHash } from 'node:crypto';
import { ProblemError } from '../../model/problem';
import type { Clock } from '../clock';
import { cooldown, parseRetryAfter } from '../cooldown';
import { type Fetch, type HttpAnswer, type HttpRequest, NoAnswer, send } from '../http';
import { asArray, asNumber, asObject, asString, type JsonObject, parseJson } from '../json';
import { tooLarge } from '../limits';
import { type ImageAddress, nextPage, parseAddress, parseChallenge } from './address';
import { decodeIndex } from './manifestRecord';
import { registryGarbage, registryRefusal, registryUnreachable } from './registryProblem';

export interface RegistryAccess {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** The login for a host, if there is one. */
  readonly credentials: (
    host: string,
    signal: AbortSignal,
  ) => Promise<{ readonly username: string; readonly password: string } | undefined>;
  /** Hosts that are spoken to without TLS: loopback, and what an ImageRepository calls insecure. */
  readonly isPlainHttp: (host: string) => boolean;
}

export interface ImageManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly content: JsonObject;
}

/** Images are names without tag. Everything rejects with a `registry-…` problem, `timed-out` or `too-large`. */
export interface RegistryClient {
  /** All tags, in the registry's order, which is not the order of time. */
  tags(image: string, signal: AbortSignal): Promise<readonly string[]>;
  /** What a tag resolves to now. */
  digest(image: string, tag: string, signal: AbortSignal): Promise<string>;
  manifest(image: string, reference: string, signal: AbortSignal): Promise<ImageManifest>;
  /** The image configuration's labels; of an index, those of its first image. */
  labels(image: string, reference: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
}

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const maxTags = 200_000;

interface Authorization {
  readonly header: string;
  readonly until: number;
}

export function registryClient({ fetch, clock, credentials, isPlainHttp }: RegistryAccess): RegistryClient {
  const quiet = cooldown(clock);
  const authorizations = new Map<string, Authorization>();

  const exchange = async (
    host: string,
    request: Omit<HttpRequest, 'who'>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> => {
    try {
      return await send(fetch, { ...request, who: `The registry ${host}` }, signal);
    } catch (error) {
      throw error instanceof NoAnswer ? new ProblemError(registryUnreachable(host, error)) : error;
    }
  };

  const authorize = async (address: ImageAddress, answer: HttpAnswer, signal: AbortSignal): Promise<boolean> => {
    const challenge = parseChallenge(answer.headers.get('www-authenticate'));
    const login = await credentials(address.host, signal);
    const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
    const key = `${address.host}/${address.repository}`;
    if (challenge?.scheme === 'basic' && basic !== undefined) {
      authorizations.set(key, { header: basic, until: Number.POSITIVE_INFINITY });
      return true;
    }
    const realm = challenge?.parameters.get('realm');
    if (challenge?.scheme !== 'bearer' || realm === undefined || !URL.canParse(realm)) return false;
    const url = new URL(realm);
    // A registry that is spoken to safely must not send the login over an open line.
    if (url.protocol !== 'https:' && !isPlainHttp(address.host)) {
      throw registryGarbage(address.host, 'a login address without TLS');
    }
    const service = challenge.parameters.get('service');
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', challenge.parameters.get('scope') ?? `repository:${address.repository}:pull`);
    const headers = basic === undefined ? {} : { authorization: basic };
    const granted = await exchange(address.host, { url: url.href, headers, maxBytes: 1_000_000 }, signal);
    if (granted.status !== 200) throw refusal(address, granted);
    const body = asObject(parseJson(granted.body.toString('utf8')));
    const token = asString(body?.['token']) ?? asString(body?.['access_token']);
    if (token === undefined) throw registryGarbage(address.host, 'a login without a token');
    const lifetimeMs = (asNumber(body?.['expires_in']) ?? 60) * 1000;
    authorizations.set(key, { header: `Bearer ${token}`, until: clock.now() + lifetimeMs * 0.8 });
    return true;
  };

  const refusal = (address: ImageAddress, answer: HttpAnswer): ProblemError => {
    const problem = registryRefusal(address.host, address.repository, answer);
    const waitMs = parseRetryAfter(answer.headers.get('retry-after') ?? undefined, clock.now());
    if (answer.status === 429 || (answer.status === 503 && waitMs !== undefined)) {
      quiet.begin(address.host, problem, waitMs ?? 60_000);
    }
    return new ProblemError(problem);
  };

  const ask = async (
    address: ImageAddress,
    request: Omit<HttpRequest, 'who' | 'url'> & { readonly path: string },
    signal: AbortSignal,
  ): Promise<HttpAnswer> => {
    const waiting = quiet.active(address.host);
    if (waiting !== undefined) throw new ProblemError(waiting);
    const origin = `${isPlainHttp(address.host) ? 'http' : 'https'}://${address.host}`;
    const url = new URL(request.path, origin).href;
    const attempt = async (): Promise<HttpAnswer> => {
      const known = authorizations.get(`${address.host}/${address.repository}`);
      const authorization = known !== undefined && known.until > clock.now() ? { authorization: known.header } : {};
      return await exchange(
        address.host,
        { ...request, url, headers: { ...request.headers, ...authorization } },
        signal,
      );
    };
    let answer = await attempt();
    if (answer.status === 401 && (await authorize(address, answer, signal))) answer = await attempt();
    if (answer.status < 200 || answer.status >= 300) throw refusal(address, answer);
    return answer;
  };

  const jsonOf = (address: ImageAddress, body: Buffer, what: string): JsonObject => {
    const value = asObject(parseJson(body.toString('utf8')));
    if (value === undefined) throw registryGarbage(address.host, `no JSON where ${what} was asked for`);
    return value;
  };

  const client: RegistryClient = {
    tags: async (image, signal) => {
      const address = parseAddress(image);
      const tags: string[] = [];
      let path: string | undefined = `/v2/${address.repository}/tags/list?n=1000`;
      while (path !== undefined) {
        const answer: HttpAnswer = await ask(address, { path, headers: { accept: 'application/json' } }, signal);
        const page = jsonOf(address, answer.body, 'a list of tags')['tags'];
        // A repository without tags says null.
        if (page !== null && !Array.isArray(page)) throw registryGarbage(address.host, 'a list without tags');
        tags.push(...asArray(page).filter((tag) => typeof tag === 'string'));
        if (tags.length > maxTags) throw tooLarge(`The registry ${address.host}`, maxTags * 32);
        path = nextPage(answer.headers.get('link'), answer.url);
      }
      return tags;
    },
    digest: async (image, tag, signal) => {
      const address = parseAddress(image);
      const path = `/v2/${address.repository}/manifests/${encodeURIComponent(tag)}`;
      const answer = await ask(address, { path, method: 'HEAD', headers: { accept: manifestTypes } }, signal);
      const digest = answer.headers.get('docker-content-digest');
      return digest !== null && isDigest(digest) ? digest : (await client.manifest(image, tag, signal)).digest;
    },
    manifest: async (image, reference, signal) => {
      const address = parseAddress(image);
      const path = `/v2/${address.repository}/manifests/${encodeURIComponent(reference)}`;
      const answer = await ask(address, { path, headers: { accept: manifestTypes } }, signal);
      const digest = `sha256:${createHash('sha256').update(answer.body).digest('hex')}`;
      const promised = isDigest(reference) ? reference : answer.headers.get('docker-content-digest');
      if (promised?.startsWith('sha256:') === true && promised !== digest) {
        throw registryGarbage(address.host, 'a manifest that does not match its digest');
      }
      const content = jsonOf(address, answer.body, 'a manifest');
      const declared = asString(content['mediaType']) ?? answer.headers.get('content-type') ?? '';
      return { digest, mediaType: declared.split(';', 1)[0] ?? '', content };
    },
    labels: async (image, reference, signal) => {
      const address = parseAddress(image);
      let { content } = await client.manifest(image, reference, signal);
      const [first] = decodeIndex(content) ?? [];
      if (first !== undefined) ({ content } = await client.manifest(image, first.digest, signal));
      const config = asString(asObject(content['config'])?.['digest']);
      if (config === undefined) return {};
      const answer = await ask(address, { path: `/v2/${address.repository}/blobs/${config}` }, signal);
      const labels = asObject(asObject(jsonOf(address, answer.body, 'a configuration')['config'])?.['Labels']);
      return Object.fromEntries(
        Object.entries(labels ?? {}).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
      );
    },
  };
  return client;
}

function isDigest(text: string): boolean {
  return /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-f]{32,}$/.test(text);
}
