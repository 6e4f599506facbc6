// The recursion of a kustomize build: a folder's resources, components and generators, then what transforms them.
import { type Accumulation, addGenerated, append } from './accumulation';
import { applyImage, type ImageEntry, imageMatcher } from './imageTransform';
import type { KustomizationFile } from './kustomizationFile';
import { applyOperations, applyPatch, applyStrategicPatches, readOperations } from './patches';
import {
  type BuildContext,
  explain,
  isBelow,
  joinPath,
  type KustomizationPlace,
  mayRead,
  patchText,
  readStrategic,
  requireFile,
} from './patchSources';
import { replacesImages } from './replacements';
import type { Resource } from './resources';
import { BuildError, MissingTargetError } from './strategicMerge';
import { applyAffixes, applyNamespace, applyTexts, checkReplicas } from './transforms';

/** The resources of a folder with everything applied that its kustomization file says. `visited` are the folders on the way. */
export function accumulate(
  context: BuildContext,
  folder: string,
  visited: readonly string[],
  parent?: Accumulation,
): Accumulation {
  context.left -= 1;
  if (context.left < 0) throw new BuildError('this build visits too many folders');
  const { file, kustomization } = loadKustomization(context, folder);
  if (parent !== undefined && !kustomization.isComponent) {
    throw new BuildError(`expected kind 'Component' for path '${folder}' but got 'Kustomization'`);
  }
  if (parent === undefined && kustomization.isComponent && visited.length > 0) {
    throw new BuildError(`expected kind != 'Component' for path '${folder}'`);
  }
  const accumulation = parent ?? { resources: [], ids: new Set() };
  return applyKustomization(context, { folder, file, visited: [...visited, folder] }, kustomization, accumulation);
}

function loadKustomization(
  context: BuildContext,
  folder: string,
): { readonly file: string; readonly kustomization: KustomizationFile } {
  const found = context.reader.kustomizationsIn(folder);
  const [file] = found;
  if (file === undefined) {
    throw new BuildError(
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${folder}'`,
    );
  }
  if (found.length > 1) throw new BuildError(`Found multiple kustomization files under: ${folder}\n`);
  return { file, kustomization: context.reader.kustomization(file) };
}

/** In kustomize's order: resources, generators, components, then the transformers. */
export function applyKustomization(
  context: BuildContext,
  place: KustomizationPlace,
  kustomization: KustomizationFile,
  accumulation: Accumulation,
): Accumulation {
  for (const what of kustomization.unsupported) context.unsupported.push({ what, file: place.file });
  explain('accumulating resources', () => {
    for (const path of kustomization.resources) accumulateResource(context, place, path, accumulation);
  });
  for (const path of kustomization.crds) requireFile(context, place, path);
  for (const generator of kustomization.generators) {
    for (const path of generator.files) requireFile(context, place, path);
    addGenerated(accumulation, generator, place.file);
  }
  explain('accumulating components', () => {
    for (const path of kustomization.components) accumulateComponent(context, place, path, accumulation);
  });
  transform(context, place, kustomization, accumulation.resources);
  accumulation.ids = undefined;
  return accumulation;
}

function accumulateResource(
  context: BuildContext,
  place: KustomizationPlace,
  path: string,
  accumulation: Accumulation,
): void {
  const target = joinPath(place.folder, path);
  if (target === undefined || !context.reader.isFolder(target)) {
    if (target !== undefined && mayRead(context, place, target)) {
      const loaded = context.reader.resources(target);
      if (loaded?.error !== undefined) throw new BuildError(`accumulating resources from '${path}': ${loaded.error}`);
      if (loaded !== undefined) return append(accumulation, loaded.resources);
    }
    if (isRemote(path)) {
      leaveOut(context, `the remote base ${path}`, place);
      return;
    }
    throw new BuildError(missingResource(context, place, path, target));
  }
  const isAncestor = place.visited.find((folder) => isBelow(folder, target));
  const asFile = `accumulation err='accumulating resources from '${path}': '${target}' must resolve to a file'`;
  if (isAncestor !== undefined) {
    throw new BuildError(`${asFile}: cycle detected: candidate root '${target}' contains visited root '${isAncestor}'`);
  }
  explain(asFile, () => {
    explain(`recursed accumulation of path '${target}'`, () => {
      append(accumulation, accumulate(context, target, place.visited).resources);
    });
  });
}

function leaveOut(context: BuildContext, what: string, { file }: KustomizationPlace): void {
  context.unsupported.push({ what, file });
  context.isPartial = true;
}

function missingResource(
  context: BuildContext,
  place: KustomizationPlace,
  path: string,
  target: string | undefined,
): string {
  const shown = target ?? `${place.folder}/${path}`;
  const isOutside = target !== undefined && context.reader.text(target) !== undefined;
  const problem = isOutside
    ? `security; file '${shown}' is not in or below '${place.folder}'`
    : `'${shown}' doesn't exist`;
  const asFolder = isOutside
    ? `not a valid directory: '${shown}' is a file`
    : `not a valid directory: '${shown}' doesn't exist`;
  return `accumulation err='accumulating resources from '${path}': ${problem}': must build at directory: ${asFolder}`;
}

function accumulateComponent(
  context: BuildContext,
  place: KustomizationPlace,
  path: string,
  accumulation: Accumulation,
): void {
  const target = joinPath(place.folder, path);
  if (target === undefined || !context.reader.isFolder(target)) {
    if (isRemote(path)) {
      leaveOut(context, `the remote component ${path}`, place);
      return;
    }
    const problem = `must build at directory: not a valid directory: '${target ?? path}' doesn't exist`;
    throw new BuildError(`loader.New ${JSON.stringify(problem)}`);
  }
  const isAncestor = place.visited.find((folder) => isBelow(folder, target));
  if (isAncestor !== undefined) {
    const problem = `cycle detected: candidate root '${target}' contains visited root '${isAncestor}'`;
    throw new BuildError(`loader.New ${JSON.stringify(problem)}`);
  }
  try {
    accumulate(context, target, place.visited, accumulation);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(
      `accumulateDirectory: ${JSON.stringify(`recursed accumulation of path '${target}': ${error.message}`)}`,
    );
  }
}

/** What kustomize would fetch when there is no such local path. */
function isRemote(path: string): boolean {
  return /^(?:https?|ssh|git|file):\/\/|^git::|^git@|^[\w.-]+@[\w.-]+:|^(?:www\.)?github\.com[/:]|\.git(?:[/?]|$)|[?&]ref=/.test(
    path,
  );
}

function transform(
  context: BuildContext,
  place: KustomizationPlace,
  kustomization: KustomizationFile,
  resources: Resource[],
): void {
  const doubt = (what: string): void => void context.unsupported.push({ what, file: place.file });
  for (const patch of kustomization.patchesStrategicMerge) {
    const patches = readStrategic(context, place, patch);
    whereKnown(context, () => applyStrategicPatches(resources, patches));
  }
  for (const entry of kustomization.patches) {
    const patch = patchText(context, place, entry);
    whereKnown(context, () => applyPatch(resources, entry, patch, doubt));
  }
  applyNamespace(resources, kustomization.namespace);
  applyAffixes(resources, kustomization);
  applyTexts(resources, 'labels', kustomization.labels);
  applyTexts(resources, 'annotations', kustomization.annotations);
  for (const entry of kustomization.patchesJson6902) {
    const patch = patchText(context, place, entry);
    const operations = readOperations(patch);
    if (operations === undefined || operations.length === 0) {
      throw new BuildError(`patch appears to be empty or is no list of operations: ${patch.source}`);
    }
    if (entry.target?.name === '') throw new BuildError('must specify the target name');
    applyOperations(resources, entry.target, operations, { patch, doubt });
  }
  whereKnown(context, () => checkReplicas(resources, kustomization.replicas));
  for (const entry of kustomization.images) applyImageEntry(resources, entry, doubt);
  if (kustomization.replacements.some((replacement) => replacesImages(replacement))) doubt('replacements');
}

/** What finds nothing to change may be for what a remote base brings. */
function whereKnown(context: BuildContext, change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof MissingTargetError) || !context.isPartial) throw error;
  }
}

export function applyImageEntry(
  resources: readonly Resource[],
  entry: ImageEntry,
  doubt: (what: string) => void,
): void {
  const matches = imageMatcher(entry.name);
  if (matches === undefined) {
    doubt(`the image name ${entry.name}, which kustomize reads as a pattern`);
    return;
  }
  for (const resource of resources) applyImage(resource, entry, matches);
}
