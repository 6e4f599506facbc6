// What manifests and indexes refer to, as the OCI image specification and Docker's schema 2 write them. Pure.
import { optional } from '../../model/optional';
import { asArray, asObject, asString, type JsonObject } from '../json';

export interface IndexEntry {
  readonly digest: string;
  /** `linux/arm64/v8` */
  readonly platform?: string;
}

/** The images that an index lists, without BuildKit's attestations; undefined where it is no index. */
export function decodeIndex(content: JsonObject): readonly IndexEntry[] | undefined {
  if (!Array.isArray(content['manifests'])) return undefined;
  return asArray(content['manifests']).flatMap((value) => {
    const entry = asObject(value);
    const digest = asString(entry?.['digest']);
    if (digest === undefined || isAttestation(entry)) return [];
    return [{ digest, ...optional('platform', formatPlatform(asObject(entry?.['platform']))) }];
  });
}

/** moby/buildkit docs/attestations/attestation-storage.md: a platform `unknown/unknown` and this annotation. */
function isAttestation(entry: JsonObject | undefined): boolean {
  const annotations = asObject(entry?.['annotations']);
  return (
    asObject(entry?.['platform'])?.['os'] === 'unknown' ||
    annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'
  );
}

function formatPlatform(platform: JsonObject | undefined): string | undefined {
  const parts = ['os', 'architecture', 'variant'].flatMap((key) => asString(platform?.[key]) ?? []);
  return parts.length === 0 ? undefined : parts.join('/');
}

const imageConfigurations: ReadonlySet<unknown> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);
/** `{}`, which artefacts that are no images share whatever they hold. */
const emptyConfiguration = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';

/** The digest of a container image's configuration, which names its layers' contents (`rootfs.diff_ids`). */
export function decodeImageConfiguration(content: JsonObject): string | undefined {
  const config = asObject(content['config']);
  const digest = asString(config?.['digest']);
  return imageConfigurations.has(config?.['mediaType']) && digest !== emptyConfiguration ? digest : undefined;
}
