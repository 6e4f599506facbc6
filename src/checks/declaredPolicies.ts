// The repository's ImagePolicies with the image they read and the one environment they serve, where both can be told.
import { findEnvironment, rankEnvironment } from '../fleet/environments';
import { type DeclaredPlacement, keyOf } from '../fleet/placements';
import { groupBy } from '../model/collections';
import type { ImagePolicy, ImageRepository } from '../model/flux';
import { canonicalImage } from '../model/image';
import type { DeclaredObject, RepositoryManifests } from '../model/manifest';
import { optional } from '../model/optional';
import type { Settings } from '../model/settings';

export interface DeclaredPolicy {
  readonly object: ImagePolicy;
  readonly file: string;
  readonly document: number;
  readonly line: number;
  readonly isBuilt: boolean;
  /** Undefined when it serves none or several. */
  readonly environment?: string;
  /** Of its ImageRepository, where that is declared here. */
  readonly image?: string;
  /** Of its ImageRepository, the default filled in. */
  readonly exclusionList?: readonly string[];
}

export interface DeclaredPolicies {
  readonly all: readonly DeclaredPolicy[];
  /** More than one where several overlays build it under one name. */
  readonly named: (namespace: string, name: string) => readonly DeclaredPolicy[];
  /** Also under another spelling of the image's name. */
  readonly ofImage: (image: string) => readonly DeclaredPolicy[];
}

export function indexPolicies(
  manifests: RepositoryManifests,
  placements: readonly DeclaredPlacement[],
  settings: Settings,
): DeclaredPolicies {
  const all = listPolicies(manifests, placements, settings);
  const byName = groupBy(all, ({ object }) => keyOf(object.meta));
  const byImage = groupBy(all, ({ image }) => (image === undefined ? '' : canonicalImage(image)));
  return {
    all,
    named: (namespace, name) => byName.get(keyOf({ namespace, name })) ?? [],
    ofImage: (image) => byImage.get(canonicalImage(image)) ?? [],
  };
}

function listPolicies(
  manifests: RepositoryManifests,
  placements: readonly DeclaredPlacement[],
  settings: Settings,
): readonly DeclaredPolicy[] {
  const repositories = new Map(
    ofKind<ImageRepository>(manifests, 'ImageRepository').map(({ object }) => [keyOf(object.meta), object]),
  );
  const placed = new Map<string, Set<string>>();
  for (const { policyReference, environment } of placements) {
    if (policyReference === undefined) continue;
    const key = keyOf(policyReference);
    placed.set(key, (placed.get(key) ?? new Set()).add(environment));
  }
  return ofKind<ImagePolicy>(manifests, 'ImagePolicy').map(({ object, file, document, line, isBuilt }) => {
    const served = placed.get(keyOf(object.meta));
    const repository = repositories.get(keyOf(object.repositoryRef));
    const environment = served === undefined ? guessEnvironment(object, file, settings) : onlyOne(served);
    return {
      object,
      file,
      document,
      line,
      isBuilt,
      ...optional('environment', environment),
      ...optional('image', repository?.image),
      ...optional('exclusionList', repository?.exclusionList),
    };
  });
}

export function ofKind<T extends DeclaredObject['object']>(
  manifests: RepositoryManifests,
  kind: T['kind'],
): readonly DeclaredObject<T>[] {
  return manifests.objects.filter((declared): declared is DeclaredObject<T> => declared.object.kind === kind);
}

/** A policy whose markers are not here: what its own names say, and nothing weaker. */
function guessEnvironment(object: ImagePolicy, file: string, settings: Settings): string | undefined {
  const { namespace, name } = object.meta;
  const found = findEnvironment({ namespace, file, policy: name }, settings.environments);
  if (found.rule === 'setting') return found.environment;
  return rankEnvironment(found.environment, []) < 0 ? undefined : found.environment;
}

function onlyOne(names: ReadonlySet<string>): string | undefined {
  const [only] = names;
  return names.size === 1 ? only : undefined;
}
