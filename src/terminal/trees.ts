// Files from the disk or from a commit, as the trees that manifests are read from.
import type { Tree } from '../manifests/tree';
import type { RepositoryContent } from '../model/facts';
import type { FilesOnDisk } from '../sources/manifestsOnDisk';

export function treeOfDisk({ paths, texts }: FilesOnDisk): Tree {
  return { list: () => paths, read: (path) => texts.get(path) };
}

export function treeOfRepository({ files }: Pick<RepositoryContent, 'files'>): Tree {
  const paths = [...files.keys()];
  return { list: () => paths, read: (path) => files.get(path) };
}

export function toSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}
