import { deriveLineage, type LineageSide } from '../fleet/lineage';
import { podImages } from '../fleet/podImages';
import type { Placement } from '../model/fleet';
import type { Lineage } from '../model/lineage';
import { ProblemError } from '../model/problem';
import { known, unknown } from '../model/reading';
import type { World } from './world';

export interface LineageEndpoint {
  /** Whose pods are a witness. */
  readonly placement: Placement | undefined;
  readonly tag: string;
  /** What the tag was when it was tested, where that is known: tags move. */
  readonly digest?: string;
}

/** The lineage of two tags as the registry and the clusters tell it now. A silent side is a verdict of its own. */
export async function readLineage(
  world: World,
  image: string,
  { source, target }: { readonly source: LineageEndpoint; readonly target: LineageEndpoint },
  signal: AbortSignal,
): Promise<Lineage> {
  return deriveLineage({
    image,
    source: await readSide(world, image, source, signal),
    target: await readSide(world, image, target, signal),
  });
}

async function readSide(
  world: World,
  image: string,
  { placement, tag, digest }: LineageEndpoint,
  signal: AbortSignal,
): Promise<LineageSide> {
  const pods = placement === undefined ? [] : podImages(world.facts, placement, tag);
  try {
    const resolved = await world.readImage(image, digest ?? tag, signal);
    return { tag, resolved: known(resolved, Date.now()), pods };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { tag, resolved: unknown(error.problem), pods };
  }
}
