// What `check` and `markers` look at: a commit, or with paths alone the files as they lie in the work tree, so that
// a commit hook judges what is about to be committed.
import { relative, resolve } from 'node:path';
import { readManifests } from '../manifests/repository';
import type { Tree } from '../manifests/tree';
import type { RepositoryManifests } from '../model/manifest';
import type { Problem } from '../model/problem';
import { type Terminal, UsageError } from './command';
import { toSlashes, treeOfDisk, treeOfRepository } from './trees';

export interface Subject {
  /** For the first line of a text. */
  readonly name: string;
  /** Null for the work tree. */
  readonly commit: string | null;
  readonly tree: Tree;
  readonly manifests: RepositoryManifests;
  readonly texts: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
  /** Whether a file is, or lies below, one of the paths asked for. All are where none was. */
  readonly isAsked: (file: string) => boolean;
}

export async function readSubject(
  terminal: Terminal,
  folder: string,
  ref: string | undefined,
  paths: readonly string[],
): Promise<Subject> {
  const absolute = paths.map((path) => resolve(folder, path));
  if (paths.length > 0 && ref === undefined) {
    const disk = await terminal.readWorkTree(absolute);
    const tree = treeOfDisk(disk);
    const manifests = readManifests(tree);
    return {
      name: `Files in ${disk.folder}`,
      commit: null,
      tree,
      manifests,
      texts: disk.texts,
      problems: [...disk.problems, ...manifests.problems],
      isAsked: isBelowAny(disk.asked),
    };
  }
  const { commit, manifests, files, facts, problem } = await terminal.readRepository(folder, ref);
  return {
    name: `Commit ${commit.hash}`,
    commit: commit.hash,
    tree: treeOfRepository({ files }),
    manifests,
    texts: files,
    problems: [...(problem === undefined ? [] : [problem]), ...manifests.problems],
    isAsked: isBelowAny(absolute.map((path) => pathIn(facts.folder, path))),
  };
}

/** Empty for the repository's own folder. */
export function pathIn(folder: string, path: string): string {
  const inside = toSlashes(relative(folder, path));
  if (inside.startsWith('../') || inside === '..' || resolve(folder, inside) !== path) {
    throw new UsageError(`${path} is not in ${folder}.`);
  }
  return inside;
}

function isBelowAny(paths: readonly string[]): (file: string) => boolean {
  if (paths.length === 0) return () => true;
  return (file) => paths.some((path) => path === '' || file === path || file.startsWith(`${path}/`));
}
