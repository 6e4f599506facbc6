import type { RepositoryManifests } from '../model/manifest';
import type { Settings } from '../model/settings';
import { type DeclaredPlacement, derivePlacements } from './placements';

export type PlacementsOf = (manifests: RepositoryManifests, settings: Settings) => readonly DeclaredPlacement[];

/** `derivePlacements` for one reader of many facts: the files change seldom, and all else often. */
export function rememberPlacements(): PlacementsOf {
  const known = new WeakMap<
    RepositoryManifests,
    { readonly settings: Settings; readonly placements: readonly DeclaredPlacement[] }
  >();
  return (manifests, settings) => {
    const found = known.get(manifests);
    if (found?.settings === settings) return found.placements;
    const placements = derivePlacements(manifests, settings);
    known.set(manifests, { settings, placements });
    return placements;
  };
}
