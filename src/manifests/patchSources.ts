// Where a build takes its texts from: files that it may read, and patches that stand in a kustomization file.
import type { PatchEntry } from './kustomizationFile';
import { type ManifestReader, placeInScalar } from './manifestReader';
import type { ScalarNode } from './nodes';
import type { PatchText } from './patches';
import { readPlainBlocks } from './plainBlocks';
import { type Resource, readResources } from './resources';
import { BuildError } from './strategicMerge';
import { normalizePath } from './tree';

/** Plain kustomize reads files in and below a kustomization's folder; Flux reads all of the repository. */
export type FileScope = 'folder' | 'repository';

export interface Unsupported {
  /** What is not evaluated, as it is called in the file. */
  readonly what: string;
  readonly file: string;
}

/** Of one build. `left` ends a build that would never, such as bases that multiply each other. */
export interface BuildContext {
  readonly reader: ManifestReader;
  readonly scope: FileScope;
  readonly unsupported: Unsupported[];
  /** A remote base or component was left out: more resources belong here than are known. */
  isPartial: boolean;
  left: number;
}

export interface KustomizationPlace {
  readonly folder: string;
  readonly file: string;
  /** This folder last. */
  readonly visited: readonly string[];
}

/** Adds kustomize's lead to what an inner step refuses. */
export function explain(lead: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    throw error instanceof BuildError ? new BuildError(`${lead}: ${error.message}`) : error;
  }
}

/** Undefined when the path leaves the repository. */
export function joinPath(folder: string, path: string): string | undefined {
  return path.startsWith('/') ? undefined : normalizePath(`${folder}/${path}`.replace(/^\//, ''));
}

/** Whether `path` is `folder` or lies in it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

export function mayRead(context: BuildContext, place: KustomizationPlace, path: string): boolean {
  return context.scope === 'repository' || isBelow(path, place.folder);
}

/** The path of a file that has to be there, whatever it holds. */
export function requireFile(context: BuildContext, place: KustomizationPlace, path: string): string {
  const target = joinPath(place.folder, path);
  if (target === undefined || !context.reader.isFile(target)) throw new BuildError(`'${target ?? path}' doesn't exist`);
  if (!mayRead(context, place, target)) {
    throw new BuildError(`security; file '${target}' is not in or below '${place.folder}'`);
  }
  return target;
}

function requireText(context: BuildContext, place: KustomizationPlace, path: string): string {
  const target = requireFile(context, place, path);
  const text = context.reader.text(target);
  if (text === undefined) throw new BuildError(`'${target}' is not read here: it is no YAML or JSON, or too large`);
  return text;
}

/** `patch` or the file at `path`; kustomize refuses both and neither. */
export function patchText(context: BuildContext, place: KustomizationPlace, entry: PatchEntry): PatchText {
  if (entry.patch === undefined && entry.path === '') throw new BuildError('must specify one of patch and path');
  if (entry.patch !== undefined && entry.path !== '')
    throw new BuildError("patch and path can't be set at the same time");
  return entry.patch === undefined ? patchFile(context, place, entry.path) : inlinePatch(context, place, entry.patch);
}

function patchFile(context: BuildContext, place: KustomizationPlace, path: string): PatchText {
  let text = '';
  explain(`failed to get the patch file from path(${path})`, () => {
    text = requireText(context, place, path);
  });
  const file = joinPath(place.folder, path) ?? path;
  const { reader } = context;
  const source = `[path: ${JSON.stringify(path)}]`;
  return { text, file, placeOf: reader.placeIn(file), documents: reader.plainDocuments(file), source };
}

function inlinePatch(context: BuildContext, place: KustomizationPlace, patch: ScalarNode): PatchText {
  const file = patch.origin?.file ?? place.file;
  const inScalar = placeInScalar(context.reader.text(file) ?? '', patch, context.reader.placeIn(file));
  const placeOf = inScalar ?? (() => undefined);
  const source = `[patch: ${JSON.stringify(patch.text.trim())}]`;
  return { text: patch.text, file, placeOf, documents: readPlainBlocks(patch.text, placeOf), source };
}

/** An entry of `patchesStrategicMerge` is the text of patches or, failing that, a path. */
export function readStrategic(
  context: BuildContext,
  place: KustomizationPlace,
  entry: ScalarNode,
): readonly Resource[] {
  const inline = inlinePatch(context, place, entry);
  const asText = readResources(inline.text, inline.file, inline.placeOf, inline.documents);
  if (asText.error === undefined) return asText.resources;
  const text = requireText(context, place, entry.text);
  const file = joinPath(place.folder, entry.text) ?? entry.text;
  const loaded = readResources(text, file, context.reader.placeIn(file));
  if (loaded.error !== undefined) throw new BuildError(loaded.error);
  return loaded.resources;
}
