// The kustomization files through which a build takes in a file: the nearest first.

import { parseDocuments, rangeAt } from '../manifests/documents';
import { at, textsAt } from '../manifests/fields';
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

/** From the folder `root` down. Total: also for files that include one another. */
export function findIncludes(tree: Tree, root: string, file: string): readonly Include[] {
  const entries = listEntries(tree, root);
  const includes: Include[] = [];
  let target: string | undefined = file;
  while (target !== undefined) {
    const entry = entries.find((one) => one.target === target && !includes.some(({ file }) => file === one.file));
    if (entry !== undefined) includes.push(entry);
    target = entry && folderOf(entry.file);
  }
  return includes;
}

type Entry = Include & { readonly target: string };

function listEntries(tree: Tree, root: string): readonly Entry[] {
  return listKustomizations(tree, root).flatMap(({ entries }) => entries);
}

interface KustomizationFile {
  readonly file: string;
  readonly entries: readonly Entry[];
}

/** The kustomization files that take part in the build of a folder. */
export function listKustomizations(tree: Tree, root: string): readonly KustomizationFile[] {
  const kustomizations: KustomizationFile[] = [];
  const folders = [root];
  const seen = new Set<string>();
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    for (const name of kustomizationNames) {
      const file = folder === '' ? name : `${folder}/${name}`;
      const text = tree.read(file);
      if (text === undefined) continue;
      const found = entriesOf(file, text);
      kustomizations.push({ file, entries: found });
      folders.push(...found.filter((entry) => entry.isOtherFolder).map((entry) => entry.target));
    }
  }
  return kustomizations;
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '';
}

function entriesOf(file: string, text: string): readonly Entry[] {
  const document = parseDocuments(file, text).documents.find(({ value }) => at(value) !== undefined);
  if (document === undefined) return [];
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
