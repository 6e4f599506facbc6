import type { Facts } from '../model/facts';
import type { Placement } from '../model/fleet';
import { canonicalImage, parseImage } from '../model/image';
import { valueOf } from '../model/reading';
import type { PodImage } from './lineage';

/** The digests in the imageIDs of a placement's pods that run the tag. */
export function podImages(
  { clusters }: Pick<Facts, 'clusters'>,
  placement: Placement,
  tag: string,
): readonly PodImage[] {
  const { context, workload, environment, image } = placement;
  const pods = valueOf(context === undefined ? undefined : clusters.get(context)?.pods) ?? [];
  return pods
    .filter(({ meta }) => meta.namespace === workload?.namespace)
    .flatMap(({ meta, containers }) =>
      containers.flatMap((container) => {
        const { name, tag: runs } = parseImage(container.image);
        const [digest] = /sha256:[0-9a-f]{64}$/.exec(container.imageId) ?? [];
        return digest !== undefined && runs === tag && canonicalImage(name) === canonicalImage(image)
          ? [{ environment, pod: meta.name, digest }]
          : [];
      }),
    );
}
