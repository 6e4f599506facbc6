// A placement that is given another environment's tags, as it will be declared once what pulls them in is mended.
import { crossingOf } from '../../fleet/chain';
import { type DeclaredPlacement, derivePlacements } from '../../fleet/placements';
import { readManifests } from '../../manifests/repository';
import type { RepositoryContent } from '../../model/facts';
import type { Placement } from '../../model/fleet';
import { canonicalImage } from '../../model/image';
import type { Settings } from '../../model/settings';
import { repairsOf } from '../repairs';

export interface Repaired {
  readonly here: DeclaredPlacement;
  readonly content: RepositoryContent;
  /** New texts by path. */
  readonly files: ReadonlyMap<string, string>;
}

/** Undefined where the line is written by the environment's own policy, which a rollback can change, or where no edit mends it. */
export function deriveRepaired(
  { chain, image, environment }: Placement,
  content: RepositoryContent,
  settings: Settings,
): Repaired | undefined {
  const crossing = crossingOf(chain);
  if (crossing?.code !== 'marker-crosses' || crossing.repair === undefined) return undefined;
  const repairs = repairsOf(chain.flatMap(({ faults }) => faults));
  const files = new Map(repairs.map(({ file, after }) => [file, after]));
  const all = new Map([...content.files, ...files]);
  const manifests = readManifests({ list: () => [...all.keys()], read: (path) => all.get(path) });
  const here = derivePlacements(manifests, settings).find(
    (one) => one.environment === environment && canonicalImage(one.image) === canonicalImage(image),
  );
  return here && { here, content: { ...content, files: all, manifests }, files };
}
