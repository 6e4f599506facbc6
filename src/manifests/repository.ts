// A whole repository as values: what is applied together, which images that runs, which Flux objects it declares, and
// every marker. Found by kind, never by a path convention. Overlays that no Flux Kustomization applies count too: they
// may be applied from another repository, or by other means than Flux.
import { groupBy } from '../model/collections';
import type { Kustomization } from '../model/flux';
import type { DeclaredObject, RepositoryManifests, Root } from '../model/manifest';
import { optional } from '../model/optional';
import type { Problem } from '../model/problem';
import { maximumFileSize, parseDocuments, parseYaml, problemOfFile } from './documents';
import { imagesOf, readImages } from './effectiveImages';
import { type FileObject, readObjects } from './fileObjects';
import { buildFluxKustomization } from './fluxKustomization';
import { decodeFluxObject } from './fluxObjects';
import { kustomizationNames, type ManifestReader, manifestReader } from './manifestReader';
import { isMarkerFile } from './markerFile';
import { findMarkers, type Marker } from './markers';
import { fieldOf, fieldText, plainOf, type TreeNode } from './nodes';
import { type Build, type BuiltObject, buildOverlay } from './overlay';
import { substituteImage, substitutionOf } from './substitution';
import { normalizePath, type Tree } from './tree';

interface Declaration {
  readonly declared: DeclaredObject;
  readonly source: FileObject | BuiltObject;
}

export function readManifests(tree: Tree): RepositoryManifests {
  const reader = manifestReader(tree);
  const files = tree.list().filter(isMarkerFile);
  const raw = files.flatMap((file) => readDeclarations(reader, file));
  const fluxRoots = buildFluxRoots(tree, reader, raw);
  const applied = new Set(fluxRoots.flatMap((root) => [root.path, ...root.files.map(folderOf)]));
  const included = findIncludedFolders(reader, files);
  const overlays = files
    .filter((file) => kustomizationNames.includes(baseName(file)))
    .map(folderOf)
    .filter((folder) => !included.has(folder) && !isComponent(reader, folder))
    .filter((folder) => !applied.has(folder));
  // Flux may apply them from another repository, and restricts them to no folder.
  const overlayRoots = overlays.map((path) => rootOf(path, buildOverlay(tree, path, reader, 'repository')));
  const plainRoots = buildPlainRoots(reader, files, [...fluxRoots, ...overlayRoots]);
  const roots = [...fluxRoots, ...overlayRoots, ...plainRoots];
  return {
    roots,
    objects: completeObjects(raw, roots),
    markers: files.flatMap((file) => findMarkersIn(reader, file)),
    problems: [...findBrokenFiles(reader, files, roots), ...roots.flatMap((root) => root.problems)],
  };
}

/** What would count if it could be read. What a build takes in, the build's own problem names. */
function findBrokenFiles(
  reader: ManifestReader,
  files: readonly string[],
  roots: readonly Root[],
): RepositoryManifests['problems'] {
  const built = new Set(roots.flatMap((root) => root.files));
  return files.flatMap((file) => {
    const text = built.has(file) ? '' : (reader.text(file) ?? '');
    if (!/\bimage:|\.toolkit\.fluxcd\.io|\$imagepolicy/.test(text) || text.includes('{{')) return [];
    if (text === '' || isSound(reader, file, text)) return [];
    const problem = problemOfFile(parseDocuments(file, text));
    return problem === undefined ? [] : [{ ...problem, file }];
  });
}

function findMarkersIn(reader: ManifestReader, file: string): readonly Marker[] {
  const text = reader.text(file) ?? '';
  return text.includes('$imagepolicy') ? findMarkers(file, text, reader.plainDocuments(file)) : [];
}

function isSound(reader: ManifestReader, file: string, text: string): boolean {
  if (reader.plainDocuments(file) !== undefined) return true;
  return text.length <= maximumFileSize && parseYaml(text).every(({ errors }) => errors.length === 0);
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(file.lastIndexOf('/'), 0));
}

/** Flux objects as the file has them, before anything completes them. */
function readDeclarations(reader: ManifestReader, file: string): readonly Declaration[] {
  const text = reader.text(file) ?? '';
  if (!text.includes('.toolkit.fluxcd.io')) return [];
  const objects = readObjects(file, text, reader.placeIn(file), reader.plainDocuments(file));
  return objects.flatMap((source) => declare(source, '', false));
}

function declare(source: FileObject | BuiltObject, targetNamespace: string, isBuilt: boolean): readonly Declaration[] {
  // Making the plain object costs more than all the rest, so only what is Flux's is made.
  if (!fieldText(source.node, 'apiVersion').includes('.toolkit.fluxcd.io/')) return [];
  const object = decodeFluxObject(source.object, targetNamespace);
  if (object === undefined) return [];
  const kind = source.node.fields.get('kind');
  const line = kind?.type === 'scalar' ? (kind.origin?.line ?? 1) : 1;
  const isPatched = isBuilt && !isAllFrom(source.node.fields.get('spec'), source.file);
  const { file, documentIndex: document } = source;
  return [{ declared: { object, file, document, line, isBuilt, isPatched }, source }];
}

/** Patches and replacements leave their own places in what they set, or none. */
function isAllFrom(node: TreeNode | undefined, file: string): boolean {
  if (node?.type === 'mapping') return [...node.fields.values()].every((field) => isAllFrom(field, file));
  if (node?.type === 'sequence') return node.items.every((item) => isAllFrom(item, file));
  return node === undefined || node.origin?.file === file;
}

/** Every Flux Kustomization whose folder is in this tree, those that other builds complete in their completed form. */
function buildFluxRoots(tree: Tree, reader: ManifestReader, raw: readonly Declaration[]): readonly Root[] {
  const roots = new Map<string, Root>();
  const completed = new Set<string>();
  const specs = new Map<string, string>();
  const built = new Set<string>();
  const waiting = raw.filter(({ declared }) => declared.object.kind === 'Kustomization');
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { declared, source } = next;
    if (declared.object.kind !== 'Kustomization') continue;
    const key = rootKey(declared, declared.object);
    const spec = fieldOf(source.node, 'spec');
    const text = spec === undefined ? '' : JSON.stringify(plainOf(spec));
    if (specs.get(key) === text || built.has(key) || !reader.isFolder(declared.object.path)) continue;
    specs.set(key, text);
    if (declared.isBuilt) built.add(key);
    const build = buildFluxKustomization(tree, source, reader);
    const { meta, path, targetNamespace } = declared.object;
    roots.set(key, {
      ...rootOf(path, build, targetNamespace, spec),
      kustomization: {
        name: meta.name,
        namespace: meta.namespace,
        file: declared.file,
        ...optional('targetNamespace', targetNamespace),
        ...optional('substitution', substitutionOf(spec)),
      },
    });
    for (const object of build.objects) {
      if (fieldText(object.node, 'kind') !== 'Kustomization') continue;
      const [inner] = declare(object, '', true);
      if (inner?.declared.object.kind !== 'Kustomization') continue;
      const after = inner.declared.object;
      const before = raw.find((one) => isSameDocument(one.declared, inner.declared))?.declared.object;
      if (before?.kind === 'Kustomization' && rootKey(inner.declared, before) !== rootKey(inner.declared, after)) {
        completed.add(rootKey(inner.declared, before));
      }
      waiting.push(inner);
    }
  }
  return [...roots].filter(([key]) => !completed.has(key)).map(([, root]) => root);
}

/** Clusters may each declare one of the same name and path, in files of their own. */
function rootKey({ file, document }: DeclaredObject, { meta, path, targetNamespace }: Kustomization): string {
  return [file, document, meta.namespace, meta.name, path, targetNamespace ?? ''].join('\n');
}

function isSameDocument(one: DeclaredObject, other: DeclaredObject): boolean {
  return one.file === other.file && one.document === other.document;
}

function rootOf(path: string, build: Build, targetNamespace = '', spec?: TreeNode): Root {
  const objects = build.objects
    .flatMap((built) => declare(built, targetNamespace, true))
    .map(({ declared }) => declared);
  const images = readImages(build).map((image) => substituteImage(image, spec));
  const origins = images.flatMap(({ origin }) => (origin === undefined ? [] : [origin.file]));
  const problems: Problem[] = build.unsupported.map(({ what, file }) => ({
    code: 'overlay-unsupported',
    message: `${file} uses ${what}, which is not evaluated here: images built from it may differ.`,
  }));
  if (build.error !== undefined) {
    problems.push({ code: 'overlay-broken', message: `${path || 'The root folder'} does not build: ${build.error}` });
  }
  return {
    path,
    images,
    objects,
    problems,
    files: [...new Set([...build.objects.map(({ file }) => file), ...origins])],
  };
}

/** Folders that some kustomization takes in: bases and components are not applied by themselves. */
function findIncludedFolders(reader: ManifestReader, files: readonly string[]): ReadonlySet<string> {
  const included = new Set<string>();
  for (const file of files.filter((one) => kustomizationNames.includes(baseName(one)))) {
    const kustomization = reader.soundKustomization(file);
    for (const entry of [...(kustomization?.resources ?? []), ...(kustomization?.components ?? [])]) {
      const path = normalizePath(`${folderOf(file)}/${entry}`.replace(/^\//, ''));
      if (path !== undefined && reader.isFolder(path)) included.add(path);
    }
  }
  return included;
}

function isComponent(reader: ManifestReader, folder: string): boolean {
  return reader.kustomizationsIn(folder).some((file) => reader.soundKustomization(file)?.isComponent === true);
}

/** Workloads in files that nothing builds, folder by folder. What lies beside or below a kustomization is its business. */
function buildPlainRoots(reader: ManifestReader, files: readonly string[], roots: readonly Root[]): readonly Root[] {
  const known = new Set(roots.flatMap((root) => root.files));
  const governed = new Set(files.filter((file) => kustomizationNames.includes(baseName(file))).map(folderOf));
  const byFolder = new Map<string, Root>();
  for (const file of files) {
    if (known.has(file) || isGoverned(file, governed)) continue;
    const text = reader.text(file) ?? '';
    if (!/image:|HelmRelease/.test(text)) continue;
    const objects = readObjects(file, text, reader.placeIn(file), reader.plainDocuments(file));
    const images = objects.flatMap(({ node }) => imagesOf(node));
    if (images.length === 0) continue;
    const path = folderOf(file);
    const before = byFolder.get(path);
    byFolder.set(path, {
      path,
      images: [...(before?.images ?? []), ...images],
      objects: [],
      files: [...(before?.files ?? []), file],
      problems: [],
    });
  }
  return [...byFolder.values()];
}

function isGoverned(file: string, governed: ReadonlySet<string>): boolean {
  for (let folder = folderOf(file); ; folder = folderOf(folder)) {
    if (governed.has(folder)) return true;
    if (folder === '') return false;
  }
}

/** Each document in its built forms where something builds it, else as it stands. */
function completeObjects(raw: readonly Declaration[], roots: readonly Root[]): readonly DeclaredObject[] {
  const built = groupBy(
    roots.flatMap((root) => root.objects),
    documentKey,
  );
  return raw.flatMap(({ declared }): readonly DeclaredObject[] => {
    const forms = (built.get(documentKey(declared)) ?? []).filter((one) => one.object.kind === declared.object.kind);
    const unique = new Map(forms.map((one) => [`${one.object.meta.namespace}/${one.object.meta.name}`, one]));
    return unique.size === 0 ? [declared] : [...unique.values()];
  });
}

function documentKey({ file, document }: DeclaredObject): string {
  return `${file}\n${document}`;
}
