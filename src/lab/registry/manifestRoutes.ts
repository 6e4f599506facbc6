import { digestPattern, formatDigest } from './digest';
import { type Exchange, sendHead, sendJson } from './exchange';
import { ociManifest, parseManifest } from './manifest';
import { OciError } from './ociError';
import type { RepositoryStore } from './repositoryStore';

const pageLimit = 1000;

/** `reference` is a tag or a digest ("Pulling manifests", "Pushing manifests", "Deleting tags"). */
export async function answerManifest(exchange: Exchange, name: string, reference: string): Promise<void> {
  switch (exchange.method) {
    case 'GET':
    case 'HEAD':
      return sendManifest(exchange, name, reference);
    case 'PUT':
      return storeManifest(exchange, name, reference);
    case 'DELETE':
      if (!(await exchange.store.removeManifest(name, reference))) {
        throw new OciError('MANIFEST_UNKNOWN', 'manifest unknown', { reference });
      }
      return sendHead(exchange, 202, { 'content-length': 0 });
    default:
      throw new OciError('UNSUPPORTED', 'the operation is unsupported', { method: exchange.method });
  }
}

async function sendManifest(
  { store, method, request, response }: Exchange,
  name: string,
  reference: string,
): Promise<void> {
  const manifest = await store.readManifest(name, reference);
  if (!manifest) {
    throw new OciError('MANIFEST_UNKNOWN', 'manifest unknown', { reference });
  }
  const { digest, mediaType, content } = manifest;
  if (!isAccepted(request.headers.accept ?? '', mediaType)) {
    const message = 'OCI manifest found, but accept header does not support OCI manifests';
    throw new OciError('MANIFEST_UNKNOWN', message);
  }
  response.writeHead(200, {
    'content-type': mediaType,
    'content-length': content.length,
    'docker-content-digest': digest,
    etag: `"${digest}"`,
  });
  response.end(method === 'HEAD' ? undefined : content);
}

async function storeManifest(exchange: Exchange, name: string, reference: string): Promise<void> {
  const content = await exchange.readBody();
  const { mediaType, blobs, children } = parseManifest(content, exchange.request.headers['content-type'] ?? '');
  const isDigest = digestPattern.test(reference);
  if (reference.startsWith('sha256:') && reference !== formatDigest(content)) {
    throw new OciError('DIGEST_INVALID', 'provided digest did not match uploaded content', { digest: reference });
  }
  await requireContent(exchange.store, name, blobs, children);
  const digest = await exchange.store.writeManifest(name, content, mediaType, isDigest ? undefined : reference);
  return sendHead(exchange, 201, {
    location: `/v2/${name}/manifests/${digest}`,
    'docker-content-digest': digest,
    'content-length': 0,
  });
}

async function requireContent(
  store: RepositoryStore,
  name: string,
  blobs: readonly string[],
  children: readonly string[],
): Promise<void> {
  for (const digest of blobs) {
    if (!digestPattern.test(digest) || (await store.blobSize(name, digest)) === undefined) {
      throw new OciError('MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', { digest });
    }
  }
  for (const digest of children) {
    if (!(await store.readManifest(name, digest))) {
      throw new OciError('MANIFEST_BLOB_UNKNOWN', 'manifest unknown to registry', { digest });
    }
  }
}

/** An OCI manifest goes only to who names its type, a wildcard will not do; all else to anybody. Measured on distribution 3. */
function isAccepted(accept: string, mediaType: string): boolean {
  return mediaType !== ociManifest || accept.includes(ociManifest);
}

/** "Listing Tags": in the order of their bytes, `n` a page, `last` exclusive, the next page in `Link`. */
export function answerTags(exchange: Exchange, name: string): void {
  const tags = exchange.store.tags(name);
  if (!tags) {
    throw new OciError('NAME_UNKNOWN', 'repository name not known to registry', { name });
  }
  const query = exchange.url.searchParams;
  const asked = query.get('n') ?? String(pageLimit);
  if (!/^\d+$/.test(asked)) {
    throw new OciError('PAGINATION_NUMBER_INVALID', 'invalid number of results requested', { n: asked });
  }
  const size = Math.min(Number(asked), pageLimit);
  const last = query.get('last') ?? '';
  const rest = tags.filter((tag) => last === '' || tag > last);
  const page = rest.slice(0, size);
  const end = page.at(-1);
  if (end !== undefined && rest.length > page.length) {
    const next = `/v2/${name}/tags/list?last=${encodeURIComponent(end)}&n=${size}`;
    exchange.response.setHeader('link', `<${next}>; rel="next"`);
  }
  sendJson(exchange, { name, tags: page });
}
