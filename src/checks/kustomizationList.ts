// The kustomization files of a build: through which of them it takes in a file, and which images they replace.
import { type ParsedDocument, parseDocuments, rangeAt } from '../manifests/documents';
import { filledTextAt, listAt, textsAt } from '../manifests/fields';
import { kustomizationNames } from '../manifests/manifestReader';
import { normalizePath, type Tree } from '../manifests/tree';
import type { TextRange } from '../model/text';

export interface Include {
  /** The kustomization file. */
  readonly file: string;
  /** Its entry that leads to the file. */
  readonly range: TextRange;
  /** Whether the entry names another folder, as an overlay names its base. */
  readonly isOtherFolder: boolean;
}

const fields = ['resources', 'bases', 'components'] as const;

export type Entry = Include & { readonly target: string };

export interface KustomizationFile {
  readonly file: string;
  readonly entries: readonly Entry[];
  readonly overrides: readonly Override[];
}

/** An entry of `images`. */
export interface Override {
  readonly name: string;
  /** The image's name behind it. */
  readonly result: string;
  /** Of the entry's name. */
  readonly range: TextRange;
}

/** Gives the kustomization files that take part in the build of a folder. Each file is parsed once, however many builds. */
export type ListKustomizations = (root: string) => readonly KustomizationFile[];

/** Total: also for files that include one another. */
export function createKustomizationList(tree: Tree): ListKustomizations {
  const known = new Map<string, KustomizationFile | undefined>();
  const read = (file: string): KustomizationFile | undefined => {
    if (!known.has(file)) {
      const text = tree.read(file);
      known.set(file, text === undefined ? undefined : describe(file, text));
    }
    return known.get(file);
  };
  return (root) => {
    const kustomizations: KustomizationFile[] = [];
    const folders = [root];
    const seen = new Set<string>();
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      if (seen.has(folder)) continue;
      seen.add(folder);
      for (const name of kustomizationNames) {
        const found = read(folder === '' ? name : `${folder}/${name}`);
        if (found === undefined) continue;
        kustomizations.push(found);
        folders.push(...found.entries.filter((entry) => entry.isOtherFolder).map((entry) => entry.target));
      }
    }
    return kustomizations;
  };
}

/** From the folder `root` down. */
export function findIncludes(list: ListKustomizations, root: string, file: string): readonly Include[] {
  const entries = list(root).flatMap((kustomization) => kustomization.entries);
  const includes: Include[] = [];
  let target: string | undefined = file;
  while (target !== undefined) {
    const entry = entries.find((one) => one.target === target && !includes.some(({ file }) => file === one.file));
    if (entry !== undefined) includes.push(entry);
    target = entry && folderOf(entry.file);
  }
  return includes;
}

function describe(file: string, text: string): KustomizationFile {
  const { documents } = parseDocuments(file, text);
  return {
    file,
    entries: documents.flatMap((document) => entriesOf(file, document)),
    overrides: documents.flatMap(overridesOf),
  };
}

function overridesOf(document: ParsedDocument): readonly Override[] {
  return listAt(document.value, 'images').flatMap((entry, index) => {
    const name = filledTextAt(entry, 'name');
    const range = rangeAt(document, ['images', index, 'name']);
    if (name === undefined || range === undefined) return [];
    return [{ name, result: filledTextAt(entry, 'newName') ?? name, range }];
  });
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '';
}

function entriesOf(file: string, document: ParsedDocument): readonly Entry[] {
  const folder = folderOf(file);
  return fields.flatMap((field) =>
    textsAt(document.value, field).flatMap((entry, index) => {
      const target = normalizePath(`${folder}/${entry}`.replace(/^\//, ''));
      const range = rangeAt(document, [field, index]);
      if (target === undefined || range === undefined) return [];
      const isOtherFolder = !/\.ya?ml$/.test(entry);
      return [{ file, range, target, isOtherFolder }];
    }),
  );
}
