// What image-reflector-controller asks of a registry: all tags of a repository, and the digest behind one tag. Messages are
// worded as Go's HTTP client and registry library word them, since they end up in conditions. Nothing but loopback is asked.
import { isObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../cluster/json';

export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  /** Of the registry's answer, where there was one. */
  readonly status: number | undefined;

  constructor(message: string, { status, ...options }: ErrorOptions & { readonly status?: number } = {}) {
    super(message, options);
    this.status = status;
  }
}

export interface ImageName {
  readonly host: string;
  readonly path: string;
}

const pageSize = 1000;
const pageLimit = 200;
const sizeLimit = 16 * 1024 * 1024;
const loopback = /^(?:127(?:\.\d+){3}|localhost|\[::1\])(?::\d+)?$/;
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Fills in what Docker's names leave out: `nginx` is `index.docker.io/library/nginx`. */
export function parseImageName(image: string): ImageName {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  if (/[.:]/.test(first) || first === 'localhost') return { host: first, path: image.slice(slash + 1) };
  return { host: 'index.docker.io', path: slash < 0 ? `library/${image}` : image };
}

/** What an ImageRepository may not hold in `spec.image`, in the controller's words. */
export function imageNameFault(image: string): string | undefined {
  const scheme = image.indexOf('://');
  if (scheme >= 0) {
    return `image '${image}' should not include URL scheme; remove '${image.slice(0, scheme)}://'`;
  }
  const colon = image.indexOf(':', image.lastIndexOf('/') + 1);
  if (colon >= 0) return `image '${image}' should not include a tag; remove '${image.slice(colon)}'`;
  return undefined;
}

export interface ImageToScan {
  readonly image: string;
  /** `spec.insecure`: plain HTTP is taken too, as it always is on loopback. */
  readonly isInsecure: boolean;
}

/** All tags, in the registry's order. Throws RegistryError. */
export async function listTags({ image, isInsecure }: ImageToScan, signal: AbortSignal): Promise<readonly string[]> {
  const { host, path } = parseImageName(image);
  const tags: string[] = [];
  let next: string | undefined = `http://${host}/v2/${path}/tags/list?n=${pageSize}`;
  for (let page = 0; next !== undefined; page += 1) {
    if (page >= pageLimit) throw new RegistryError(`GET ${next}: more than ${pageLimit} pages of tags`);
    const url: string = next;
    const answer = await ask({ host, isInsecure }, 'GET', url, 'application/json', signal);
    const body = await readJson(answer, url);
    tags.push(...listAt(body, 'tags').filter((tag) => typeof tag === 'string'));
    const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(answer.headers.get('link') ?? '')?.[1];
    next = link === undefined ? undefined : new URL(link, url).href;
  }
  return tags;
}

/** The digest of the top manifest behind a tag or a digest. Throws RegistryError. */
export async function readDigest(image: string, reference: string, signal: AbortSignal): Promise<string> {
  const { host, path } = parseImageName(image);
  const url = `http://${host}/v2/${path}/manifests/${reference}`;
  const answer = await ask({ host, isInsecure: false }, 'HEAD', url, manifestTypes, signal);
  const digest = answer.headers.get('docker-content-digest');
  if (digest === null) throw new RegistryError(`HEAD ${url}: response did not include Docker-Content-Digest header`);
  return digest;
}

/** What Go's client says where every greeting ends the same. */
function formatGreetings(host: string, schemes: readonly string[], why: string): string {
  return schemes.map((scheme) => `Get "${scheme}://${host}/v2/": ${why}`).join('; ');
}

async function ask(
  { host, isInsecure }: { readonly host: string; readonly isInsecure: boolean },
  method: string,
  url: string,
  accept: string,
  signal: AbortSignal,
): Promise<Response> {
  if (!loopback.test(host)) {
    const why = `dial tcp: lookup ${host.replace(/:\d+$/, '')}: no such host`;
    throw new RegistryError(formatGreetings(host, isInsecure ? ['https', 'http'] : ['https'], why));
  }
  let answer: Response;
  try {
    answer = await fetch(url, { method, headers: { accept }, signal, redirect: 'error' });
  } catch (error) {
    signal.throwIfAborted();
    throw new RegistryError(await failedGreeting(host, error, signal), { cause: error });
  }
  if (answer.ok) return answer;
  throw new RegistryError(`${method} ${url}: ${await refusal(answer)}`, { status: answer.status });
}

/**
 * Who does not speak plain HTTP may speak HTTPS, with a certificate that nobody here trusts.
 * Go's client greets by both, and says what came of each. Source: go-containerregistry pkg/v1/remote/transport/ping.go.
 */
async function failedGreeting(host: string, error: unknown, signal: AbortSignal): Promise<string> {
  const cause = causeOf(error);
  if (cause?.code === 'ECONNREFUSED') {
    return formatGreetings(host, ['https', 'http'], `dial tcp ${host}: connect: connection refused`);
  }
  const plain = `Get "http://${host}/v2/":`;
  const refused = await fetch(`https://${host}/v2/`, { signal }).then(() => undefined, causeOf);
  signal.throwIfAborted();
  return refused !== undefined && untrusted.test(refused.code ?? '')
    ? `Get "https://${host}/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority; ${plain} EOF`
    : `${plain} ${cause?.message ?? String(error)}`;
}

/** OpenSSL's names for a certificate that leads to no known authority. */
const untrusted = /SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)/;

function causeOf(error: unknown): NodeJS.ErrnoException | undefined {
  return error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
}

/** As Go prints a map. Source: go-containerregistry pkg/v1/remote/transport/error.go. */
function formatDetail(detail: JsonObject): string {
  const fields = Object.entries(detail).map(([name, value]) => `${name}:${textAt(value) ?? JSON.stringify(value)}`);
  return fields.length === 0 ? '' : `; map[${fields.sort().join(' ')}]`;
}

async function refusal(answer: Response): Promise<string> {
  const text = (await answer.text()).slice(0, 1024);
  const first = listAt(parse(text), 'errors')[0];
  const code = textAt(first, 'code');
  const detail = objectAt(first, 'detail');
  if (code !== undefined) return `${code}: ${textAt(first, 'message') ?? ''}${formatDetail(detail)}`;
  return `unexpected status code ${answer.status} ${answer.statusText}${text === '' ? '' : `: ${text}`}`;
}

function parse(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined; // not JSON: the caller says so with the status or the body
  }
}

async function readJson(answer: Response, url: string): Promise<Json> {
  if (Number(answer.headers.get('content-length') ?? 0) > sizeLimit) {
    throw new RegistryError(`GET ${url}: the answer is larger than ${sizeLimit} bytes`);
  }
  const text = await answer.text();
  if (text.length > sizeLimit) throw new RegistryError(`GET ${url}: the answer is larger than ${sizeLimit} bytes`);
  const body = parse(text);
  if (!isObject(body))
    throw new RegistryError(`GET ${url}: invalid character '${text.slice(0, 1)}' looking for beginning of value`);
  return body;
}
