// Manifests as they lie on the disk: for checks before a commit, and for overlays outside any repository.
import { basename, dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { listFiles, listFolder, locate, readSmallFile } from '../base/disk';
import { maximumFileSize, parseDocuments } from '../manifests/documents';
import { kustomizationNames } from '../manifests/manifestReader';
import type { Problem } from '../model/problem';
import { describeLargeFile, isManifestPath } from './repositoryTree';

export interface FilesOnDisk {
  /** Absolute; paths are relative to it, with forward slashes. The root of the disk for `readOverlayFolders`. */
  readonly folder: string;
  /** What was asked for, in the order given; empty for the folder itself. */
  readonly asked: readonly string[];
  /** All files. */
  readonly paths: readonly string[];
  /** Those that may be manifests. */
  readonly texts: ReadonlyMap<string, string>;
  readonly problems: readonly (Problem & { readonly file: string })[];
}

/**
 * All of `topLevel`, the work tree that holds the paths; without one, of the folder that holds them all. Rejects with
 * `file-vanished` for a path that is not there.
 */
export async function readWorkTree(
  paths: readonly string[],
  topLevel: (folder: string) => Promise<string | undefined>,
): Promise<FilesOnDisk> {
  const places = await Promise.all(paths.map(locate));
  const folders = places.map(({ path, isFolder }) => (isFolder ? path : dirname(path)));
  const [first = ''] = folders;
  const repository = await topLevel(first);
  const top = repository === undefined ? undefined : (await locate(repository)).path;
  const folder = [top, ...folders].reduce<string>((held, path) => commonFolder(held, path ?? held), top ?? first);
  const all = await listFolder(folder, isEntered, maximumFiles);
  return { folder, asked: places.map(({ path }) => inside(folder, path)), paths: all, ...(await readAll(folder, all)) };
}

/**
 * Of each folder what a build may read: its kustomization, and all that this names, wherever it lies, and so on. Nothing
 * is walked through, however far a path leads out. Paths are relative to the disk's root. A folder that is not there has no
 * files, and the build says so.
 */
export async function readOverlayFolders(folders: readonly string[]): Promise<FilesOnDisk> {
  const found = await Promise.allSettled(folders.map(locate));
  const places = found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const { root } = parse(resolve(folders[0] ?? '.'));
  const paths = new Set<string>();
  const texts = new Map<string, string>();
  const problems: FilesOnDisk['problems'][number][] = [];
  const met = new Set<string>();
  const waiting: Place[] = [...places];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (met.has(place.path)) continue;
    met.add(place.path);
    if (place.isFolder) {
      for (const name of await listFiles(place.path)) {
        const path = join(place.path, name);
        paths.add(inside(root, path));
        if (kustomizationNames.includes(name)) waiting.push({ path, isFolder: false });
      }
      continue;
    }
    const file = inside(root, place.path);
    paths.add(file);
    const read = await readSmallFile(place.path, maximumFileSize);
    if (read.state === 'too-large') problems.push(describeLargeFile(file, read.bytes));
    if (read.state !== 'read') continue;
    texts.set(file, read.text);
    if (kustomizationNames.includes(basename(place.path))) waiting.push(...(await namedIn(place.path, read.text)));
  }
  return {
    folder: root,
    asked: found.map((one, index) =>
      inside(root, one.status === 'fulfilled' ? one.value.path : (folders[index] ?? '')),
    ),
    paths: [...paths].sort(),
    texts,
    problems,
  };
}

type Place = Awaited<ReturnType<typeof locate>>;

/** Every text of a kustomization that is a path of something. What is not there, the build itself will say. */
async function namedIn(file: string, text: string): Promise<readonly Place[]> {
  const named = textsIn(parseDocuments(file, text).documents[0]?.value).filter((path) => !/[\r\n\0]|:\/\//.test(path));
  // A generator's file may have a key: `key=path`.
  const paths = new Set(named.flatMap((path) => [path, path.slice(path.indexOf('=') + 1)]));
  const found = await Promise.allSettled([...paths].map((path) => locate(resolve(dirname(file), path))));
  return found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

async function readAll(folder: string, paths: readonly string[]): Promise<Pick<FilesOnDisk, 'texts' | 'problems'>> {
  const texts = new Map<string, string>();
  const problems: FilesOnDisk['problems'][number][] = [];
  for (const path of paths.filter(isManifestPath)) {
    const file = await readSmallFile(join(folder, path), maximumFileSize);
    if (file.state === 'read') texts.set(path, file.text);
    else if (file.state === 'too-large') problems.push(describeLargeFile(path, file.bytes));
  }
  return { texts, problems };
}

function commonFolder(one: string, other: string): string {
  let folder = one;
  while (inside(folder, other).startsWith('..')) folder = dirname(folder);
  return folder;
}

/** Empty for the folder itself; a path on another drive stays as it is. */
function inside(folder: string, path: string): string {
  const found = relative(folder, path);
  return isAbsolute(found) ? found : found.replaceAll(sep, '/');
}

const maximumFiles = 200_000;

function isEntered(name: string): boolean {
  return name !== '.git' && name !== 'node_modules';
}
