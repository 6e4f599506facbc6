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
  readonly repository: RepositoryFacts;
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
      repository,
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

function alsoIn({ repository, declared }: PlacementInClone): Problem {
  return {
    code: 'several-tags',
    message: `${repository.folder} writes ${declared.written?.tag ?? 'no tag'} for ${declared.image} in ${declared.environment} too. Only one of them is shown: name separate environments in the setting fluxPromote.environments.`,
  };
}
