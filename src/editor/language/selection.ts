// An ImagePolicy as it stands in the editor, put to Flux's tag selection with the tags that are known.

import { ofKind } from '../../checks/declaredPolicies';
import type { CheckedRepository, FluxDocument } from '../../checks/rule';
import { createSubject } from '../../checks/subject';
import { keyOf } from '../../fleet/placements';
import { previewSelection, type SelectionPreview } from '../../fleet/selectionPreview';
import type { Facts } from '../../model/facts';
import type { FluxKind, ImagePolicy, ImageRepository, LatestRef } from '../../model/flux';
import { valueOf } from '../../model/reading';

/** As Flux gets it where that is known, else as the file says it. */
export function formsOf<T extends FluxKind>({ own, forms }: FluxDocument<T>): readonly T[] {
  return forms.length > 0 ? forms : [own];
}

export interface PolicyDocument {
  readonly policy: ImagePolicy;
  /** Zero-based, of the document in its file. */
  readonly index: number;
  /** Where its first key stands. */
  readonly start: number;
}

/** The ImagePolicies of a file as it stands now; one that several overlays build, in its first form. */
export function listPolicies(repository: CheckedRepository, file: string, text: string): readonly PolicyDocument[] {
  if (!text.includes('ImagePolicy')) return [];
  const { documents } = createSubject(repository, file, text);
  return documents.flatMap(({ document, own, forms, isBuilt }) => {
    if (own.kind !== 'ImagePolicy') return [];
    const [policy] = formsOf({ document, own, forms, isBuilt });
    const start = document.yaml.contents?.range?.[0] ?? document.range.start;
    return policy?.kind === 'ImagePolicy' ? [{ policy, index: document.index, start }] : [];
  });
}

export function previewPolicy(
  repository: CheckedRepository,
  policy: ImagePolicy,
  facts: Facts | undefined,
): SelectionPreview {
  const { image, exclusionList } = imageRepositoryOf(repository, policy) ?? {};
  return previewSelection({
    policy,
    exclusionList: exclusionList ?? [],
    tags: image === undefined ? undefined : repository.knownTags(image),
    selected: latestRefs(facts, policy.meta).map(({ tag }) => tag),
    flux: repository.settings.fluxVersion,
    compile: repository.compile,
  });
}

export function imageRepositoryOf(
  { manifests }: CheckedRepository,
  { repositoryRef }: ImagePolicy,
): ImageRepository | undefined {
  return ofKind<ImageRepository>(manifests, 'ImageRepository').find(
    ({ object }) => keyOf(object.meta) === keyOf(repositoryRef),
  )?.object;
}

/** What the clusters that have this policy say that it selects. */
export function latestRefs(
  facts: Facts | undefined,
  policy: { readonly namespace: string; readonly name: string },
): readonly LatestRef[] {
  return [...(facts?.clusters.values() ?? [])].flatMap(({ imagePolicies }) =>
    (valueOf(imagePolicies) ?? []).flatMap(({ meta, latestRef }) =>
      keyOf(meta) === keyOf(policy) && latestRef !== undefined ? [latestRef] : [],
    ),
  );
}
