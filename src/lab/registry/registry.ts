// An OCI distribution registry on loopback, plain HTTP and open to everybody there, kept in a folder.
// It knows images and tags, and nothing of Flux, environments or promotions.
// Source of the rules: OCI distribution specification 1.1 (https://github.com/opencontainers/distribution-spec).

import type { IncomingMessage } from 'node:http';
import { legalTag } from '../../model/image';
import { type FaultHook, playFault } from '../fault';
import { BodyTooLarge, listenOnLoopback, readBody } from '../loopback';
import { answerBlob, answerUpload } from './blobRoutes';
import { type Exchange, sendJson } from './exchange';
import { answerManifest, answerTags } from './manifestRoutes';
import { OciError, sendOciError } from './ociError';
import { RepositoryStore } from './repositoryStore';
import { Uploads } from './uploads';

export interface RegistryOptions {
  readonly folder: string;
  /** 0 draws a free one. */
  readonly port: number;
  readonly fault?: FaultHook;
}

export interface RunningRegistry {
  readonly port: number;
  /** `127.0.0.1:PORT`, as it stands in image names. */
  readonly host: string;
  stop(): Promise<void>;
}

const bodyLimitBytes = 64 * 1024 * 1024;
const namePattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const routePattern = /^\/v2\/(?<name>.+)\/(?<kind>manifests|blobs|tags)\/(?<rest>(?:uploads\/)?[^/]*)$/;

/** Rejects with `EADDRINUSE` on a taken port. */
export async function startRegistry({ folder, port, fault }: RegistryOptions): Promise<RunningRegistry> {
  const store = await RepositoryStore.open(folder);
  const uploads = new Uploads();
  return listenOnLoopback(port, async (request, response) => {
    const method = request.method ?? 'GET';
    const path = request.url ?? '/';
    if (await playFault(fault, request, response)) {
      return;
    }
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    const exchange: Exchange = {
      store,
      uploads,
      method,
      url: new URL(path, 'http://registry'),
      request,
      response,
      readBody: () => readLimited(request),
    };
    try {
      await answer(exchange);
    } catch (error) {
      if (!(error instanceof OciError)) {
        throw error;
      }
      sendOciError(response, error);
    }
  });
}

async function answer(exchange: Exchange): Promise<void> {
  const { pathname } = exchange.url;
  if (pathname === '/v2/' || pathname === '/v2') {
    return sendJson(exchange, {});
  }
  if (pathname === '/v2/_catalog') {
    return sendJson(exchange, { repositories: exchange.store.names() });
  }
  const route = routePattern.exec(decodeURIComponent(pathname))?.groups;
  if (!route) {
    throw new OciError('UNSUPPORTED', 'the operation is unsupported', { path: pathname });
  }
  const { name = '', kind = '', rest = '' } = route;
  if (!namePattern.test(name)) {
    throw new OciError('NAME_INVALID', 'invalid repository name', { name });
  }
  if (kind === 'tags' && rest === 'list') {
    return answerTags(exchange, name);
  }
  if (kind === 'blobs' && (rest === 'uploads' || rest.startsWith('uploads/'))) {
    return answerUpload(exchange, name, rest.slice('uploads/'.length));
  }
  if (kind === 'blobs') {
    return answerBlob(exchange, name, rest);
  }
  if (kind === 'manifests') {
    if (!rest.startsWith('sha256:') && !legalTag.test(rest)) {
      throw new OciError('TAG_INVALID', 'manifest tag did not match the rules', { tag: rest });
    }
    return answerManifest(exchange, name, rest);
  }
  throw new OciError('UNSUPPORTED', 'the operation is unsupported', { path: pathname });
}

async function readLimited(request: IncomingMessage): Promise<Buffer> {
  try {
    return await readBody(request, bodyLimitBytes);
  } catch (error) {
    if (error instanceof BodyTooLarge) {
      throw new OciError('SIZE_INVALID', error.message);
    }
    throw error;
  }
}
