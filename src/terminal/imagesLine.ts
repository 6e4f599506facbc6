// What the containers of one overlay run, as JSON: `{files, root}` to `{dir, images}`, or why that cannot be told.
import { readImages } from '../manifests/effectiveImages';
import type { ManifestReader } from '../manifests/manifestReader';
import { type Build, buildOverlay } from '../manifests/overlay';
import { type Tree, treeOf } from '../manifests/tree';
import { compareBytes } from '../policy/compareBytes';
import { asLine, type Line, LineError, optionalLine, textOf } from './batch';

export interface ImageLine {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly container: string;
  readonly image: string;
}

export type ImagesAnswer =
  | { readonly dir: string; readonly images: readonly ImageLine[] }
  /** What is not evaluated, and could change an image. */
  | { readonly dir: string; readonly unsupported: string }
  /** Kustomize's own words where they are known. */
  | { readonly dir: string; readonly error: string };

export function answerImages(value: unknown): ImagesAnswer {
  const line = asLine(value, '{"files": {"path": "text"}, "root": "…"}');
  const files = optionalLine(line, 'files');
  if (files === undefined) throw new LineError('"files" is missing.');
  const root = textOf(line, 'root');
  return formatBuild(root, buildOverlay(treeOf(textsOf(files)), root));
}

/** Every value of `files` is a text. */
function textsOf(files: Line): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(files).map((path) => [path, textOf(files, path)]));
}

export function listImages(tree: Tree, reader: ManifestReader, dir: string, folder: string): ImagesAnswer {
  return formatBuild(dir, buildOverlay(tree, folder, reader));
}

function formatBuild(dir: string, build: Build): ImagesAnswer {
  if (build.error !== undefined) return { dir, error: build.error };
  if (build.unsupported.length > 0) {
    return { dir, unsupported: build.unsupported.map(({ what, file }) => `${file} uses ${what}`).join('; ') };
  }
  const images = readImages(build).map(({ kind, name, namespace, container, image }) => ({
    kind,
    name,
    namespace,
    container,
    image,
  }));
  return { dir, images: images.toSorted((a, b) => compareBytes(keyOf(a), keyOf(b))) };
}

function keyOf({ kind, name, namespace, container, image }: ImageLine): string {
  return [kind, name, namespace, container, image].join('\0');
}
