// What a tag or digest resolves to, down to the images of its platforms. Read only.

import type { ImageManifest as ManifestAnswer, RegistryClient } from '../base/registry/client';
import { decodeImageConfiguration, decodeIndex, type IndexEntry } from '../base/registry/manifestRecord';
import type { ImageManifest, ResolvedImage } from '../model/lineage';
import { optional } from '../model/optional';
import { ProblemError } from '../model/problem';

/** An index may list indexes, and a hostile one itself a thousand times. */
const maxManifests = 100;

/** Rejects with a `registry-…` problem, and with `lineage-unclear` for an index beyond all measure. */
export async function readResolvedImage(
  client: Pick<RegistryClient, 'manifest' | 'labels'>,
  image: string,
  reference: string,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const top = await client.manifest(image, reference, signal);
  const manifests: ImageManifest[] = [];
  const waiting: { readonly entry: IndexEntry; readonly answer?: ManifestAnswer }[] = [
    { entry: { digest: top.digest }, answer: top },
  ];
  let seen = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    seen += 1;
    if (seen > maxManifests) throw tooMany(image, reference);
    const { entry } = next;
    const { content } = next.answer ?? (await client.manifest(image, entry.digest, signal));
    const entries = decodeIndex(content);
    if (entries === undefined)
      manifests.push({ ...entry, ...optional('configuration', decodeImageConfiguration(content)) });
    else waiting.unshift(...entries.map((one) => ({ entry: one })));
  }
  const [first] = manifests;
  const labels = first?.configuration === undefined ? {} : await client.labels(image, first.digest, signal);
  return { digest: top.digest, mediaType: top.mediaType, manifests, labels };
}

function tooMany(image: string, reference: string): ProblemError {
  return new ProblemError({
    code: 'lineage-unclear',
    message: `${image}:${reference} lists more than ${maxManifests} manifests, which are not all read. Compare single platforms by their digests.`,
  });
}
