// What Flux would make of edited files: the edited objects as the cluster will have them, and which tag every placement that
// depends on them then selects. Judged by the selection engine against the real tags before anything is written.
import { type DeclaredPlacement, keyOf } from '../../fleet/placements';
import { parseDocuments } from '../../manifests/documents';
import { decodeFluxObject, defaultExclusionList } from '../../manifests/fluxObjects';
import { readManifests } from '../../manifests/repository';
import type { Facts, RepositoryContent } from '../../model/facts';
import type { FluxKind, ImagePolicy, ImageRepository } from '../../model/flux';
import type { DeclaredObject } from '../../model/manifest';
import { valueOf } from '../../model/reading';
import { type Selection, select } from '../../policy/select';
import { type Refusal, refuse } from '../plan';
import type { Draft } from './draft';
import type { Standing } from './situation';

type Objects = ReadonlyMap<string, FluxKind>;

function objectKey({ kind, meta }: FluxKind): string {
  return `${kind} ${keyOf(meta)}`;
}

/**
 * The Flux objects of the edited files as they will be applied, by kind and name. Where nothing but its own file makes an
 * object, its new text is enough; where a patch has a say, everything is built again.
 */
export function deriveEdited({ manifests, files }: RepositoryContent, edited: ReadonlyMap<string, string>): Objects {
  const touched = manifests.objects.filter(({ file }) => edited.has(file));
  if (touched.some(({ isPatched }) => isPatched)) {
    const all = new Map([...files, ...edited]);
    const { objects } = readManifests({ list: () => [...all.keys()], read: (path) => all.get(path) });
    const names = new Set(touched.map(({ object }) => objectKey(object)));
    const built = objects.filter(({ object }) => names.has(objectKey(object)));
    return new Map(built.map(({ object }) => [objectKey(object), object]));
  }
  const parsed = new Map([...edited].map(([file, text]) => [file, parseDocuments(file, text)]));
  return new Map(
    touched.flatMap(({ object, file, document }) => {
      const value = parsed.get(file)?.documents[document]?.value;
      const now = decodeFluxObject(value, object.meta.namespace);
      // A build may have given it another name and namespace, never another spec.
      return now === undefined
        ? []
        : [[objectKey(object), { ...now, meta: { ...now.meta, ...namesOf(object) } }] as const];
    }),
  );
}

function namesOf({ meta: { name, namespace } }: FluxKind) {
  return { name, namespace };
}

/** Why the draft does not do what it says; undefined when it is proved. `wanted` judges the object that the way edits. */
export function refuteEffect(
  { content }: Standing,
  { files }: Pick<Draft, 'files'>,
  { object, file }: DeclaredObject,
  wanted: (after: FluxKind) => boolean,
): Refusal | undefined {
  const after = deriveEdited(content, files).get(objectKey(object));
  if (after !== undefined && wanted(after)) return undefined;
  return refuse(
    `An edit of ${file} does not reach the ${object.kind} ${keyOf(object.meta)} as it should: a kustomize patch sets what it changes.`,
    'Make the same change in that patch by hand, or choose another way.',
  );
}

/** Who else would move, in any cluster, and to what. */
export interface MovedAlong {
  readonly name: string;
  readonly to: string;
}

export interface SelectionProof {
  /** What the placement itself selects afterwards; absent where no policy is declared for it. */
  readonly here?: Selection;
  readonly moved: readonly MovedAlong[];
}

export function proveSelection(
  situation: Standing,
  { files }: Pick<Draft, 'files'>,
  tags: readonly string[],
): SelectionProof {
  const { here, declared, content, flux, compile, facts } = situation;
  const edited = deriveEdited(content, files);
  const choose = (policy: ImagePolicy, list: ImageRepository | undefined): Selection =>
    select(policy.spec, tags, { exclude: list?.exclusionList ?? defaultExclusionList, flux, compile });
  const chooseThen = (policy: ImagePolicy, list: ImageRepository | undefined): Selection =>
    choose(editedPolicy(edited, policy), list && editedList(edited, list));
  const isTouched = ({ policy, list }: Selector): boolean =>
    edited.has(objectKey(policy)) || (list !== undefined && edited.has(objectKey(list)));
  const others = [...selectorsOf(declared.filter((one) => one !== here)), ...selectorsElsewhere(declared, facts)];
  const moved = others.filter(isTouched).flatMap(({ name, policy, list }): readonly MovedAlong[] => {
    const after = answerOf(chooseThen(policy, list));
    return answerOf(choose(policy, list)) === after ? [] : [{ name, to: after }];
  });
  const [own] = selectorsOf([here]);
  return { moved, ...(own === undefined ? {} : { here: chooseThen(own.policy, own.list) }) };
}

/** Whoever selects tags, under the name that a person knows. */
interface Selector {
  readonly name: string;
  readonly policy: ImagePolicy;
  readonly list: ImageRepository | undefined;
}

function selectorsOf(placements: readonly DeclaredPlacement[]): readonly Selector[] {
  return placements.flatMap(({ service, environment, policy, imageRepository }) =>
    policy === undefined
      ? []
      : [{ name: `${service} in ${environment}`, policy: policy.object, list: imageRepository?.object }],
  );
}

/** Policies in any cluster that no clone declares, over lists that one does. */
function selectorsElsewhere(declared: readonly DeclaredPlacement[], { clusters }: Facts): readonly Selector[] {
  const ours = new Set(selectorsOf(declared).map(({ policy }) => keyOf(policy.meta)));
  const lists = new Map(
    declared.flatMap(({ imageRepository: list }) =>
      list === undefined ? [] : [[keyOf(list.object.meta), list.object]],
    ),
  );
  return [...clusters.values()].flatMap(({ context, imagePolicies }) =>
    (valueOf(imagePolicies) ?? []).flatMap((policy) => {
      const list = lists.get(keyOf(policy.repositoryRef));
      if (list === undefined || ours.has(keyOf(policy.meta))) return [];
      return [{ name: `ImagePolicy ${keyOf(policy.meta)} in ${context}`, policy, list }];
    }),
  );
}

function editedPolicy(edited: Objects, before: ImagePolicy): ImagePolicy {
  const after = edited.get(objectKey(before));
  return after?.kind === 'ImagePolicy' ? after : before;
}

function editedList(edited: Objects, before: ImageRepository): ImageRepository {
  const after = edited.get(objectKey(before));
  return after?.kind === 'ImageRepository' ? after : before;
}

/** In words: the tag, or what Flux says instead. */
export function answerOf(selection: Selection): string {
  switch (selection.kind) {
    case 'tag':
      return selection.tag;
    case 'ambiguous':
      return `any of ${selection.tags.join(', ')}`;
    default:
      return `nothing (${selection.error})`;
  }
}
