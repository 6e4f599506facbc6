// What a build and a promotion do to a registry, over HTTP as any client would.

import { gzipSync } from 'node:zlib';
import { formatDigest } from './digest';
import { manifestTypes, ociConfig, ociLayer, ociManifest } from './manifest';
import { tarFile } from './tarFile';

export interface ImageToPush {
  /** `http://127.0.0.1:PORT` */
  readonly registryUrl: string;
  /** `acme/backend` */
  readonly name: string;
  readonly tag: string;
  /** Into the image's configuration, for example `org.opencontainers.image.revision`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Goes into the layer: two builds of the same source differ when their salt does. */
  readonly salt: string;
}

/** Returns the manifest's digest. */
export async function pushImage({ registryUrl, name, tag, labels, created, salt }: ImageToPush): Promise<string> {
  const base = `${registryUrl}/v2/${name}`;
  const tar = tarFile('build.txt', `${name}\n${salt}\n`);
  const createdAt = new Date(created).toISOString();
  const config = {
    created: createdAt,
    architecture: 'amd64',
    os: 'linux',
    config: { Labels: { ...labels, 'org.opencontainers.image.created': createdAt } },
    rootfs: { type: 'layers', diff_ids: [formatDigest(tar)] },
    history: [{ created: createdAt, created_by: 'COPY build.txt /' }],
  };
  const [configBlob, layerBlob] = await Promise.all([
    pushBlob(base, ociConfig, Buffer.from(JSON.stringify(config))),
    pushBlob(base, ociLayer, gzipSync(tar)),
  ]);
  const manifest = { schemaVersion: 2, mediaType: ociManifest, config: configBlob, layers: [layerBlob] };
  return putManifest(base, tag, ociManifest, Buffer.from(JSON.stringify(manifest)));
}

export interface Retag {
  readonly registryUrl: string;
  readonly name: string;
  /** A tag or a digest. */
  readonly from: string;
  readonly to: string;
}

/** The same bytes under another tag, so the same digest, which it returns. Throws `RegistryRefusal`. */
export async function retag({ registryUrl, name, from, to }: Retag): Promise<string> {
  const base = `${registryUrl}/v2/${name}`;
  const answer = await fetch(`${base}/manifests/${from}`, { headers: { accept: manifestTypes.join(', ') } });
  await requireStatus(answer, 200);
  const content = Buffer.from(await answer.arrayBuffer());
  return putManifest(base, to, answer.headers.get('content-type') ?? '', content);
}

/** The digest a tag points to; undefined when there is no such tag. */
export async function readDigest(registryUrl: string, name: string, tag: string): Promise<string | undefined> {
  const answer = await fetch(`${registryUrl}/v2/${name}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: manifestTypes.join(', ') },
  });
  if (answer.status === 404) {
    return undefined;
  }
  await requireStatus(answer, 200);
  return answer.headers.get('docker-content-digest') ?? undefined;
}

export class RegistryRefusal extends Error {
  readonly status: number;

  constructor(url: string, status: number, body: string) {
    super(`${url} answered ${status}: ${body.slice(0, 300)}`);
    this.name = 'RegistryRefusal';
    this.status = status;
  }
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

async function pushBlob(base: string, mediaType: string, content: Buffer): Promise<Descriptor> {
  const digest = formatDigest(content);
  const answer = await fetch(`${base}/blobs/uploads/?digest=${digest}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: content,
  });
  // A registry may want it in two requests, and says so by where the upload goes on (OCI distribution, "Single POST").
  const location = answer.status === 202 ? answer.headers.get('location') : null;
  await requireStatus(location === null ? answer : await putBlob(new URL(location, base), digest, content), 201);
  return { mediaType, digest, size: content.length };
}

function putBlob(upload: URL, digest: string, content: Buffer): Promise<Response> {
  upload.searchParams.set('digest', digest);
  return fetch(upload, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: content });
}

async function putManifest(base: string, tag: string, mediaType: string, content: Buffer): Promise<string> {
  const answer = await fetch(`${base}/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: content,
  });
  await requireStatus(answer, 201);
  return formatDigest(content);
}

/** Reads the body of a refusal, so that no connection is left hanging. */
async function requireStatus(answer: Response, status: number): Promise<void> {
  if (answer.status !== status) {
    throw new RegistryRefusal(answer.url, answer.status, await answer.text());
  }
}
