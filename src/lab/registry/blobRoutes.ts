import { digestPattern, formatDigest } from './digest';
import { type Exchange, sendHead } from './exchange';
import { OciError } from './ociError';

/** HEAD and GET of a blob ("Pulling blobs"). */
export async function answerBlob(exchange: Exchange, name: string, digest: string): Promise<void> {
  const { store, method, response } = exchange;
  if (method !== 'GET' && method !== 'HEAD') {
    throw new OciError('UNSUPPORTED', 'the operation is unsupported', { method });
  }
  const content = digestPattern.test(digest) ? await store.readBlob(name, digest) : undefined;
  if (!content) {
    throw new OciError('BLOB_UNKNOWN', 'blob unknown to registry', { digest });
  }
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': content.length,
    'docker-content-digest': digest,
  });
  response.end(method === 'HEAD' ? undefined : content);
}

/** "Pushing blobs": POST opens (or mounts, or takes the whole), PATCH adds a chunk, PUT ends, GET asks, DELETE gives up. */
export async function answerUpload(exchange: Exchange, name: string, id: string): Promise<void> {
  const { method, uploads, request } = exchange;
  if (id === '' && method === 'POST') {
    return begin(exchange, name);
  }
  switch (method) {
    case 'PATCH': {
      const size = uploads.append(id, await exchange.readBody(), request.headers['content-range']);
      return sendHead(exchange, 202, sessionHeaders(name, id, size));
    }
    case 'PUT': {
      const chunk = await exchange.readBody();
      if (chunk.length > 0) {
        uploads.append(id, chunk, request.headers['content-range']);
      }
      return store(exchange, name, uploads.finish(id));
    }
    case 'GET':
      return sendHead(exchange, 204, sessionHeaders(name, id, uploads.received(id)));
    case 'DELETE':
      uploads.finish(id);
      return sendHead(exchange, 204, {});
    default:
      throw new OciError('UNSUPPORTED', 'the operation is unsupported', { method });
  }
}

async function begin(exchange: Exchange, name: string): Promise<void> {
  const query = exchange.url.searchParams;
  const mount = query.get('mount') ?? '';
  const from = query.get('from') ?? '';
  if (digestPattern.test(mount) && from !== '' && (await exchange.store.blobSize(from, mount)) !== undefined) {
    await exchange.store.copyBlob(from, name, mount);
    return sendHead(exchange, 201, blobHeaders(name, mount));
  }
  if (query.has('digest')) {
    return store(exchange, name, await exchange.readBody());
  }
  const id = exchange.uploads.begin();
  return sendHead(exchange, 202, sessionHeaders(name, id, 0));
}

async function store(exchange: Exchange, name: string, content: Buffer): Promise<void> {
  const digest = exchange.url.searchParams.get('digest') ?? '';
  if (digest !== formatDigest(content)) {
    throw new OciError('DIGEST_INVALID', 'provided digest did not match uploaded content', { digest });
  }
  await exchange.store.writeBlob(name, content);
  return sendHead(exchange, 201, blobHeaders(name, digest));
}

function sessionHeaders(name: string, id: string, size: number): Record<string, string | number> {
  return {
    location: `/v2/${name}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': id,
    'content-length': 0,
  };
}

function blobHeaders(name: string, digest: string): Record<string, string | number> {
  return { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest, 'content-length': 0 };
}
