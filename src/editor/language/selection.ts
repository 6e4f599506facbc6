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

/** A policy in one of the forms that overlays give it. */
export interface PolicyForm {
  readonly policy: ImagePolicy;
  /** Where the document's first key stands. */
  readonly start: number;
  /** `namespace/name`, unique in the file. */
  readonly key: string;
  /** Whether other overlays build others from the same document. */
  readonly isOneOfSeveral: boolean;
}

/** The ImagePolicies of a file as it stands now, each in all of its forms. */
export function listPolicies(repository: CheckedRepository, file: string, text: string): readonly PolicyForm[] {
  if (!text.includes('ImagePolicy')) return [];
  return createSubject(repository, file, text).documents.flatMap((described) => {
    const forms = formsOf(described).filter((form) => form.kind === 'ImagePolicy');
    const byKey = new Map(forms.map((policy) => [keyOf(policy.meta), policy]));
    const start = described.document.yaml.contents?.range?.[0] ?? described.document.range.start;
    return [...byKey].map(([key, policy]) => ({ policy, start, key, isOneOfSeveral: byKey.size > 1 }));
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
