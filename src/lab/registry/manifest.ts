import { asObject, asString, type JsonObject, parseJson } from '../../base/json';
import { OciError } from './ociError';

export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
export const ociConfig = 'application/vnd.oci.image.config.v1+json';
export const ociLayer = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** The four kinds that a client must name in `Accept` (OCI and Docker, image and index). */
export const manifestTypes: readonly string[] = [
  ociManifest,
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

export interface CheckedManifest {
  readonly mediaType: string;
  /** Digests that must be there as blobs: the configuration and the layers. */
  readonly blobs: readonly string[];
  /** Digests that must be there as manifests: the children of an index. */
  readonly children: readonly string[];
}

/** Throws `MANIFEST_INVALID`. */
export function parseManifest(content: Uint8Array, contentType: string): CheckedManifest {
  const json = parseObject(content);
  const declared = contentType.split(';')[0]?.trim() ?? '';
  const mediaType = manifestTypes.includes(declared) ? declared : json['mediaType'];
  if (typeof mediaType !== 'string' || !manifestTypes.includes(mediaType)) {
    throw new OciError('MANIFEST_INVALID', 'manifest invalid', { mediaType: declared });
  }
  if (json['schemaVersion'] !== 2 || (json['mediaType'] !== undefined && json['mediaType'] !== mediaType)) {
    throw new OciError('MANIFEST_INVALID', 'schemaVersion or mediaType do not fit', { mediaType });
  }
  if (mediaType.includes('index') || mediaType.includes('list')) {
    return { mediaType, blobs: [], children: digestsOf(json['manifests']) };
  }
  return { mediaType, blobs: [...digestsOf([json['config']]), ...digestsOf(json['layers'])], children: [] };
}

function parseObject(content: Uint8Array): JsonObject {
  const json = asObject(parseJson(Buffer.from(content).toString('utf8')));
  if (!json) {
    throw new OciError('MANIFEST_INVALID', 'manifest is not a JSON object');
  }
  return json;
}

function digestsOf(descriptors: unknown): string[] {
  if (!Array.isArray(descriptors)) {
    throw new OciError('MANIFEST_INVALID', 'descriptors are missing');
  }
  return descriptors.map((descriptor: unknown) => {
    const digest = asString(asObject(descriptor)?.['digest']);
    if (digest === undefined) {
      throw new OciError('MANIFEST_INVALID', 'a descriptor has no digest');
    }
    return digest;
  });
}
