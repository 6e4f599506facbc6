// Entries of kustomize's `images` that replace nothing: their name is not an image of anything that is built with them.
import { parseImage } from '../model/image';
import type { RepositoryManifests } from '../model/manifest';
import type { TextRange } from '../model/text';
import type { ListKustomizations, Override } from './kustomizationList';
import { isTemplate } from './textField';

export interface MissedOverride {
  readonly name: string;
  /** Of the entry's name. */
  readonly range: TextRange;
  /** Images of the builds that the entry takes part in. */
  readonly images: readonly string[];
}

export function findMissedOverrides(
  list: ListKustomizations,
  manifests: RepositoryManifests,
): ReadonlyMap<string, readonly MissedOverride[]> {
  const candidates = new Map<string, { readonly file: string; readonly override: Override; images: Set<string> }>();
  const met = new Set<string>();
  for (const root of manifests.roots) {
    const names = new Set(root.images.map(({ image }) => parseImage(image).name));
    const isKnown = root.problems.length === 0 && names.size > 0;
    const files = list(root.path);
    const all = files.flatMap(({ overrides }) => overrides);
    for (const { file, override } of files.flatMap((one) =>
      one.overrides.map((override) => ({ file: one.file, override })),
    )) {
      const key = `${file}\n${override.range.start}`;
      const isRenamedLater = (): boolean => all.some((other) => other !== override && other.name === override.result);
      // One build that uses it, or that cannot be followed, is enough.
      if (!isKnown || names.has(override.result) || isTemplate(override.name) || isRenamedLater()) {
        met.add(key);
        continue;
      }
      const candidate = candidates.get(key) ?? { file, override, images: new Set() };
      for (const name of names) candidate.images.add(name);
      candidates.set(key, candidate);
    }
  }
  const missed = new Map<string, readonly MissedOverride[]>();
  for (const [key, { file, override, images }] of candidates) {
    if (met.has(key)) continue;
    const { name, range } = override;
    missed.set(file, [...(missed.get(file) ?? []), { name, range, images: [...images] }]);
  }
  return missed;
}
