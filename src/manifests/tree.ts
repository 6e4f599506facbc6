// What the files say: YAML text into Flux objects, markers, built overlays and effective images, and minimal edits back.
// Pure and synchronous: files come in through `Tree`, nothing here throws, waits, or knows where a tree comes from.

/** The files of one state of a repository: a work tree or a Git ref. Paths are relative to its root, with forward slashes. */
export interface Tree {
  list(): readonly string[];
  /** Undefined when there is no such file, or when it is no text. */
  read(path: string): string | undefined;
}

export function treeOf(files: Readonly<Record<string, string>>): Tree {
  const byPath = new Map(Object.entries(files));
  const paths = [...byPath.keys()];
  return { list: () => paths, read: (path) => byPath.get(path) };
}

/** Folds `.`, `..` and double slashes; undefined when the path leaves the repository or is absolute. Empty for the root. */
export function normalizePath(path: string): string | undefined {
  if (path !== '' && !/(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) return path;
  if (path.startsWith('/')) return undefined;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** As Flux joins `spec.path` to the root of an artifact: `..` never leaves it (securejoin). */
export function securePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
