// The placements that all clones of the workspace declare together: services are named across them, and each pair of service
// and environment stands once.
import { groupBy } from '../model/collections';
import type { Facts, RepositoryContent, RepositoryFacts } from '../model/facts';
import { canonicalImage } from '../model/image';
import type { Problem } from '../model/problem';
import { valueOf } from '../model/reading';
import { type DeclaredPlacement, derivePlacements } from './placements';
import type { PlacementsOf } from './rememberPlacements';
import { nameServices } from './services';

export interface PlacementInClone {
  /** Of the clone; its other facts change more often. */
  readonly folder: string;
  readonly content: RepositoryContent;
  readonly declared: DeclaredPlacement;
  /** Canonical. */
  readonly image: string;
}

/** Hand in `rememberPlacements` where facts come again and again. */
export function declaredPlacements(
  { repositories, settings }: Facts,
  placementsOf: PlacementsOf = derivePlacements,
): readonly PlacementInClone[] {
  // Two folders of the workspace may lie in one clone.
  const clones = new Map(repositories.map((repository) => [repository.folder, repository]));
  const all = [...clones.values()].flatMap((repository): readonly PlacementInClone[] => {
    const content = valueOf(repository.content);
    if (content === undefined) return [];
    return placementsOf(content.manifests, settings).map((declared) => ({
      folder: repository.folder,
      content,
      declared,
      image: canonicalImage(declared.image),
    }));
  });
  const names = nameServices(all.map(({ image }) => image));
  const places = groupBy(all, ({ image, declared }) => `${image}\n${declared.environment}`);
  return [...places.values()].flatMap((same) => {
    const first = same.find(({ declared }) => declared.marker !== undefined) ?? same[0];
    if (first === undefined) return [];
    const { declared, image } = first;
    const service = names.get(image) ?? declared.service;
    const others = same.filter((one) => one.declared.written?.tag !== declared.written?.tag);
    return { ...first, declared: { ...declared, service, problems: [...declared.problems, ...others.map(alsoIn)] } };
  });
}

/** What `declaredPlacements` looks at, of all that there is. */
export function declaringFacts({ repositories, settings }: Facts): readonly unknown[] {
  return [settings, ...repositories.flatMap(({ folder, content }) => [folder, valueOf(content)])];
}

/** The clone that a placement of these facts was found in. */
export function cloneOf({ repositories }: Facts, { folder }: PlacementInClone): RepositoryFacts {
  const found = repositories.find((one) => one.folder === folder);
  if (found === undefined) throw new Error(`${folder} is none of the clones`);
  return found;
}

function alsoIn({ folder, declared }: PlacementInClone): Problem {
  return {
    code: 'several-tags',
    message: `${folder} writes ${declared.written?.tag ?? 'no tag'} for ${declared.image} in ${declared.environment} too. Only one of them is shown: name separate environments in the setting fluxPromote.environments.`,
  };
}
