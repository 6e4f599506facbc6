// Mutable tags in production's built manifests, each with the place where it is to be repaired: the scalar that writes it,
// or the production overlay that takes a shared base as it is.
import { findEnvironment, findEnvironmentWord, isProduction } from '../fleet/environments';
import { mutableImage } from '../fleet/hardStops';
import type { EffectiveImage, ImageOrigin, RepositoryManifests, Root } from '../model/manifest';
import { optional } from '../model/optional';
import type { Settings } from '../model/settings';
import type { TextRange } from '../model/text';
import { findIncludes, type ListKustomizations } from './kustomizationList';

export interface MutableImage {
  readonly environment: string;
  readonly image: EffectiveImage;
  /** `the tag latest`. */
  readonly reason: string;
  readonly range: TextRange;
  /** Set when `range` is an overlay's entry for a base, and not the scalar that writes the image. */
  readonly base?: ImageOrigin;
}

export function findMutableImages(
  list: ListKustomizations,
  manifests: RepositoryManifests,
  settings: Settings,
): ReadonlyMap<string, readonly MutableImage[]> {
  const byFile = new Map<string, MutableImage[]>();
  const seen = new Set<string>();
  for (const root of manifests.roots) {
    // What is not evaluated could change the image.
    if (root.problems.length > 0) continue;
    for (const image of root.images) {
      const reason = mutableImage(image);
      if (reason === undefined || image.origin === undefined) continue;
      const environment = environmentOf(image, root, settings);
      if (!isProduction(environment, settings.environments)) continue;
      const { file, range, base } = placeOf(list, root, image.origin, settings);
      const key = `${file}\n${range.start}\n${image.image}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const found = { environment, image, reason, range, ...optional('base', base) };
      byFile.set(file, [...(byFile.get(file) ?? []), found]);
    }
  }
  return byFile;
}

function environmentOf(image: EffectiveImage, root: Root, settings: Settings): string {
  const { kustomization } = root;
  return findEnvironment(
    {
      namespace: image.namespace,
      file: image.origin?.file ?? root.path,
      root: root.path,
      ...optional('targetNamespace', kustomization?.targetNamespace),
      ...optional('kustomization', kustomization?.name),
      ...optional('kustomizationFile', kustomization?.file),
    },
    settings.environments,
  ).environment;
}

interface RepairPlace {
  readonly file: string;
  readonly range: TextRange;
  readonly base?: ImageOrigin;
}

/** A base that other environments share must not be repaired in place. */
function placeOf(list: ListKustomizations, root: Root, origin: ImageOrigin, settings: Settings): RepairPlace {
  const own = { file: origin.file, range: origin.range };
  if (origin.field !== 'image') return own;
  const includes = findIncludes(list, root.path, origin.file).filter((include) => include.isOtherFolder);
  const overlay = includes.find(({ file }) => isProductionPath(file, settings)) ?? includes.at(-1);
  if (overlay === undefined || isProductionPath(origin.file, settings)) return own;
  return { file: overlay.file, range: overlay.range, base: origin };
}

function isProductionPath(file: string, settings: Settings): boolean {
  const word = file
    .split('/')
    .toReversed()
    .map((segment) => findEnvironmentWord(segment))
    .find((found) => found !== undefined);
  return word !== undefined && isProduction(word, settings.environments);
}
