// The trees above changed files, made anew without an index or a work tree: all other entries stay as they are, byte for byte.
// Names are kept as bytes, one character each (latin1). Format: `mode SP name NUL hash`, no separator (git-mktree(1), and
// https://git-scm.com/book/en/v2/Git-Internals-Git-Objects).
import { createHash } from 'node:crypto';

interface Entry {
  readonly mode: string;
  readonly name: string;
  /** Hexadecimal. */
  readonly hash: string;
}

/** The folders above the files, the root as `''`, each behind those within it. */
export function foldersAbove(files: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const file of files) {
    for (let folder = folderOf(file); folder !== ''; folder = folderOf(folder)) folders.add(folder);
  }
  return [...[...folders].toSorted((one, other) => depthOf(other) - depthOf(one)), ''];
}

export interface NewTrees {
  readonly root: string;
  /** For `git mktree -z --batch`. */
  readonly input: Buffer;
}

/**
 * `trees` are the objects at `foldersAbove` in that order; `blobs` are hashes by path. Undefined where one of the files is not
 * there. SHA-1 or SHA-256, as long as the given hashes.
 */
export function replaceBlobs(
  trees: ReadonlyMap<string, Buffer>,
  blobs: ReadonlyMap<string, string>,
): NewTrees | undefined {
  const hashes = new Map(blobs);
  const records: string[] = [];
  for (const [folder, tree] of trees) {
    const prefix = folder === '' ? '' : `${folder}/`;
    const own = new Map(
      [...hashes]
        .filter(([path]) => path !== '' && folderOf(path) === folder)
        .map(([path, hash]) => [Buffer.from(path.slice(prefix.length)).toString('latin1'), hash]),
    );
    const before = parseEntries(tree, hashLengthOf(blobs));
    if (own.size > before.filter(({ name }) => own.has(name)).length) return undefined;
    const after = before.map((entry) => ({ ...entry, hash: own.get(entry.name) ?? entry.hash }));
    hashes.set(folder, hashOf(after));
    records.push(...after.map(formatRecord), '');
  }
  return { root: hashes.get('') ?? '', input: Buffer.from(records.map((one) => `${one}\0`).join(''), 'latin1') };
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function depthOf(folder: string): number {
  return folder.split('/').length;
}

function hashLengthOf(blobs: ReadonlyMap<string, string>): number {
  return ([...blobs.values()][0]?.length ?? 0) / 2;
}

function parseEntries(tree: Buffer, hashLength: number): readonly Entry[] {
  const entries: Entry[] = [];
  for (let offset = 0; offset < tree.length; ) {
    const space = tree.indexOf(0x20, offset);
    const end = tree.indexOf(0, space);
    entries.push({
      mode: tree.toString('latin1', offset, space),
      name: tree.toString('latin1', space + 1, end),
      hash: tree.toString('hex', end + 1, end + 1 + hashLength),
    });
    offset = end + 1 + hashLength;
  }
  return entries;
}

function hashOf(entries: readonly Entry[]): string {
  const tree = Buffer.concat(
    entries.flatMap(({ mode, name, hash }) => [Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(hash, 'hex')]),
  );
  const isLong = entries[0]?.hash.length === 64;
  return createHash(isLong ? 'sha256' : 'sha1')
    .update(`tree ${tree.length}\0`)
    .update(tree)
    .digest('hex');
}

const types: Readonly<Record<string, string>> = { '40000': 'tree', '160000': 'commit' };

function formatRecord({ mode, name, hash }: Entry): string {
  return `${mode} ${types[mode] ?? 'blob'} ${hash}\t${name}`;
}
