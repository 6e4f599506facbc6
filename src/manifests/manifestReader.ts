// The files of a tree as kustomize looks at them: folders, kustomization files, parsed resources. Remembers what it parsed,
// so one reader serves all builds of one tree.
import type { Place } from '../model/text';
import { type KustomizationFile, parseKustomization, readKustomization } from './kustomizationFile';
import type { MappingNode } from './nodes';
import { readPlainBlocks } from './plainBlocks';
import { copyResource, type LoadedResources, readResources } from './resources';
import { BuildError } from './strategicMerge';
import { normalizePath, type Tree } from './tree';

export interface ManifestReader {
  text(path: string): string | undefined;
  isFolder(path: string): boolean;
  /** Also for a file whose text is not at hand, because it is no manifest. */
  isFile(path: string): boolean;
  /** All files at and below a folder. */
  filesBelow(folder: string): readonly string[];
  /** The kustomization files of a folder: none, one, or too many. */
  kustomizationsIn(folder: string): readonly string[];
  /** Fresh copies of the resources of a file; undefined when there is no such file. */
  resources(path: string): LoadedResources | undefined;
  /** A kustomization file as kustomize reads it; throws a `BuildError` where it refuses the file. */
  kustomization(path: string): KustomizationFile;
  /** The same, or undefined where kustomize refuses the file. */
  soundKustomization(path: string): KustomizationFile | undefined;
  /** The documents of a file of the plainest kind, not to be changed; undefined for any other file. */
  plainDocuments(path: string): readonly MappingNode[] | undefined;
  /** The place of a range of a file. */
  placeIn(file: string): (start: number, end: number) => Place;
}

export const kustomizationNames: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

export function manifestReader(tree: Tree): ManifestReader {
  const folders = new Set<string>(['']);
  const byFolder = new Map<string, string[]>();
  const files = new Set<string>();
  for (const path of tree.list()) {
    const normal = normalizePath(path);
    if (normal === undefined || normal === '') continue;
    files.add(normal);
    const slash = normal.lastIndexOf('/');
    const folder = normal.slice(0, Math.max(slash, 0));
    const siblings = byFolder.get(folder) ?? [];
    siblings.push(normal);
    byFolder.set(folder, siblings);
    for (let parent = folder; !folders.has(parent); parent = parent.slice(0, Math.max(parent.lastIndexOf('/'), 0))) {
      folders.add(parent);
    }
  }
  const loaded = new Map<string, LoadedResources | undefined>();
  const kustomizations = new Map<string, KustomizationFile | BuildError>();
  const plain = new Map<string, readonly MappingNode[] | undefined>();

  const text = (path: string): string | undefined => (files.has(path) ? tree.read(path) : undefined);
  const placeIn = (file: string) => {
    let starts: readonly number[] | undefined;
    return (start: number, end: number): Place => {
      starts ??= findLineStarts(text(file) ?? '');
      return { file, range: { start, end }, line: countUpTo(starts, start) };
    };
  };
  const plainDocuments = (path: string): readonly MappingNode[] | undefined => {
    if (!plain.has(path)) plain.set(path, readPlainBlocks(text(path) ?? '', placeIn(path)));
    return plain.get(path);
  };
  const readOnce = (path: string): KustomizationFile | BuildError => {
    const found =
      kustomizations.get(path) ??
      tryReading(() => parseKustomization(text(path) ?? '', placeIn(path), plainDocuments(path)));
    kustomizations.set(path, found);
    return found;
  };
  return {
    text,
    placeIn,
    plainDocuments,
    isFolder: (path) => folders.has(path),
    isFile: (path) => files.has(path),
    filesBelow: (folder) => [...files].filter((path) => folder === '' || path.startsWith(`${folder}/`)).sort(),
    kustomizationsIn: (folder) =>
      kustomizationNames.map((name) => (folder === '' ? name : `${folder}/${name}`)).filter((path) => files.has(path)),
    kustomization: (path) => {
      const found = readOnce(path);
      if (found instanceof BuildError) throw found;
      return found;
    },
    soundKustomization: (path) => {
      const found = readOnce(path);
      return found instanceof BuildError ? undefined : found;
    },
    resources: (path) => {
      if (!loaded.has(path)) {
        const content = text(path);
        loaded.set(
          path,
          content === undefined ? undefined : readResources(content, path, placeIn(path), plainDocuments(path)),
        );
      }
      const found = loaded.get(path);
      return found === undefined ? undefined : { ...found, resources: found.resources.map(copyResource) };
    },
  };
}

function tryReading(parse: () => MappingNode): KustomizationFile | BuildError {
  try {
    return readKustomization(parse(), 'strict');
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
}

function findLineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** How many of the sorted numbers are not greater than `limit`. */
function countUpTo(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The place of a range inside the text of a scalar, where it can be told exactly: literal blocks, and one-line scalars
 * without escapes. Undefined otherwise.
 */
export function placeInScalar(
  fileText: string,
  scalar: { readonly text: string; readonly origin?: Place | undefined },
  placeInFile: (start: number, end: number) => Place,
): ((start: number, end: number) => Place) | undefined {
  const { origin } = scalar;
  if (origin === undefined) return undefined;
  const source = fileText.slice(origin.range.start, origin.range.end);
  const offsetOf = source.startsWith('|')
    ? offsetInBlock(source, scalar.text, origin.range.start)
    : offsetInLine(source, scalar.text, origin.range.start);
  if (offsetOf === undefined) return undefined;
  return (start, end) => placeInFile(offsetOf(start), end === start ? offsetOf(start) : offsetOf(end - 1) + 1);
}

function offsetInLine(source: string, text: string, start: number): ((offset: number) => number) | undefined {
  const at = source.indexOf(text);
  return at === 0 || (at === 1 && /^["']/.test(source)) ? (offset) => start + at + offset : undefined;
}

function offsetInBlock(source: string, text: string, start: number): ((offset: number) => number) | undefined {
  const header = /^\|[^\n]*\n/.exec(source)?.[0].length;
  if (header === undefined) return undefined;
  const body = source.slice(header);
  const indent = /^ +(?=\S)/m.exec(body)?.[0].length;
  if (indent === undefined) return undefined;
  const outer = findLineStarts(body).map((lineStart) => lineStart + start + header);
  const inner = findLineStarts(text);
  return (offset) => {
    const line = countUpTo(inner, offset) - 1;
    return (outer[line] ?? start + source.length) + indent + offset - (inner[line] ?? 0);
  };
}
