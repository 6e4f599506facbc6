// Who names whom, across files: markers name ImagePolicies, these name ImageRepositories, automations and Kustomizations
// name GitRepositories. Places are in the texts of the tree.
import type { FluxKind, ObjectReference } from '../model/flux';
import type { DeclaredObject, RepositoryManifests } from '../model/manifest';
import type { TextRange } from '../model/text';
import { parseDocuments, scalarAt } from './documents';
import type { Tree } from './tree';

export interface LinkedRepository {
  readonly tree: Tree;
  readonly manifests: RepositoryManifests;
}

export interface LinkPlace {
  readonly file: string;
  readonly range: TextRange;
}

/** Where an object is declared: at its name. */
export function findDeclarations(repository: LinkedRepository, wanted: ObjectReference): readonly LinkPlace[] {
  const all = repository.manifests.objects.filter(({ object }) => object.kind === wanted.kind);
  const exact = all.filter(({ object }) => isNamed(object.meta, wanted));
  // A namespace that only an overlay elsewhere knows.
  const open = all.filter(({ object }) => object.meta.name === wanted.name && object.meta.namespace === '');
  return placesOf(repository, exact.length > 0 ? exact : open, ['metadata', 'name']);
}

/** Where an object is named by others. */
export function findUses(repository: LinkedRepository, wanted: ObjectReference): readonly LinkPlace[] {
  const { markers, objects } = repository.manifests;
  if (wanted.kind === 'ImagePolicy') {
    return markers
      .filter(({ namespace, policy }) => isNamed({ namespace, name: policy }, wanted))
      .map(({ file, comment, setter }) => {
        const at = (repository.tree.read(file) ?? '').indexOf(setter, comment.start);
        return { file, range: { start: at, end: at + setter.length } };
      })
      .filter(({ range }) => range.start >= 0);
  }
  const users = objects.filter(({ object }) => {
    const reference = referenceOf(object);
    return reference?.kind === wanted.kind && isNamed(reference, wanted);
  });
  const isOfImages = wanted.kind === 'ImageRepository';
  return placesOf(repository, users, ['spec', isOfImages ? 'imageRepositoryRef' : 'sourceRef', 'name']);
}

/** The one object that an object is built on. */
export function referenceOf(object: FluxKind): ObjectReference | undefined {
  switch (object.kind) {
    case 'ImagePolicy':
      return object.repositoryRef;
    case 'ImageUpdateAutomation':
    case 'Kustomization':
      return object.sourceRef;
    default:
      return undefined;
  }
}

function isNamed(
  one: Pick<ObjectReference, 'name' | 'namespace'>,
  other: Pick<ObjectReference, 'name' | 'namespace'>,
): boolean {
  return one.name === other.name && one.namespace === other.namespace;
}

/** Each document once, however many overlays build it. */
function placesOf(
  { tree }: LinkedRepository,
  objects: readonly DeclaredObject[],
  path: readonly string[],
): readonly LinkPlace[] {
  const documents = new Map(objects.map((one) => [`${one.file}\n${one.document}`, one]));
  return [...documents.values()].map(({ file, document, line }) => {
    const text = tree.read(file) ?? '';
    const found = parseDocuments(file, text).documents[document];
    const scalar = found === undefined ? undefined : scalarAt(found, path);
    const start = startOfLine(text, line);
    return { file, range: scalar?.range ?? { start, end: start } };
  });
}

/** `line` is one-based. */
function startOfLine(text: string, line: number): number {
  let start = 0;
  for (let at = 1; at < line; at += 1) start = text.indexOf('\n', start) + 1;
  return start;
}
