// The patches of a kustomization: which of the two kinds a text is, which resources it is for, and its effect
// (api/internal/builtins Patch*Transformer.go, api/resmap Select).
import { parseYaml } from './documents';
import { compilePattern } from './goPatterns';
import { applyJsonPatch, decodeJsonPatch, type JsonOperation } from './jsonPatch';
import type { PatchEntry, PatchTarget } from './kustomizationFile';
import { parseLabelSelector } from './labelSelector';
import { fieldOf, isNullNode, type MappingNode, nodeOf, type PlaceOf } from './nodes';
import {
  currentId,
  effectiveNamespace,
  formatId,
  isSameId,
  keyOf,
  originalId,
  ownRoot,
  type Resource,
  readResources,
  storePreviousId,
} from './resources';
import { BuildError, MissingTargetError, mergePatch, restoreIdentity } from './strategicMerge';

export interface PatchText {
  readonly text: string;
  readonly file: string;
  readonly placeOf: PlaceOf;
  /** Where the text is of the plainest kind. */
  readonly documents: readonly MappingNode[] | undefined;
  /** As kustomize names it in an error. */
  readonly source: string;
}

/** Applies an entry of `patches`. Says so through `doubt` where a selector is not certain. Resources that it deletes are taken out. */
export function applyPatch(
  resources: Resource[],
  entry: PatchEntry,
  patch: PatchText,
  doubt: (what: string) => void,
): void {
  const strategic = readResources(patch.text, patch.file, patch.placeOf, patch.documents);
  const operations = readOperations(patch);
  if (
    strategic.error === undefined &&
    operations !== undefined &&
    operations.length > 0 &&
    strategic.resources.length > 0
  ) {
    throw new BuildError(`illegally qualifies as both an SM and JSON patch: ${patch.source}`);
  }
  if (strategic.error === undefined) applyStrategic(resources, entry, patch, strategic.resources, doubt);
  else if (operations === undefined) throw new BuildError(`unable to parse SM or JSON patch from ${patch.source}`);
  else applyOperations(resources, entry.target, operations, { patch, doubt, before: storePreviousId });
}

function applyStrategic(
  resources: Resource[],
  entry: PatchEntry,
  patch: PatchText,
  patches: readonly Resource[],
  doubt: (what: string) => void,
): void {
  if (entry.target === undefined) {
    for (const one of patches) {
      const id = formatId(originalId(one));
      const target = findTarget(
        resources,
        one,
        (problem) => `no resource matches strategic merge patch ${JSON.stringify(id)}: ${problem}`,
      );
      mergeInto(resources, target, one, entry);
    }
    return;
  }
  const [single] = patches;
  if (single === undefined) return;
  if (patches.length > 1) {
    throw new BuildError(
      `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${patch.source}`,
    );
  }
  for (const target of selectResources(resources, entry.target, doubt)) mergeInto(resources, target, single, entry);
  checkUnique(resources, entry);
}

/** Only a patch that may rename can make two of one. */
function checkUnique(resources: readonly Resource[], entry: PatchEntry): void {
  if (!entry.allowsNameChange && !entry.allowsKindChange) return;
  const seen = new Set<string>();
  for (const resource of resources) {
    const id = currentId(resource);
    const key = keyOf(id);
    if (seen.has(key)) throw new BuildError(`may not add resource with an already registered id: ${formatId(id)}`);
    seen.add(key);
  }
}

/** An entry of `patchesStrategicMerge`. */
export function applyStrategicPatches(resources: Resource[], patches: readonly Resource[]): void {
  for (const patch of patches) {
    const target = findTarget(resources, patch, (problem) => problem);
    mergeInto(resources, target, patch, { allowsNameChange: false, allowsKindChange: false });
  }
}

/** By any name that the resource ever had. */
function findTarget(resources: readonly Resource[], patch: Resource, explain: (problem: string) => string): Resource {
  const id = originalId(patch);
  const found = resources.filter((resource) =>
    [...resource.previousIds, currentId(resource)].some((other) => isSameId(other, id)),
  );
  const [target] = found;
  if (target !== undefined && found.length === 1) return target;
  const text = formatId(id);
  const failure = `failed to find unique target for patch ${text}`;
  if (found.length === 0) throw new MissingTargetError(explain(`no matches for Id ${text}; ${failure}`));
  throw new BuildError(explain(`multiple matches for Id ${text}; ${failure}`));
}

function mergeInto(
  resources: Resource[],
  target: Resource,
  patch: Resource,
  { allowsNameChange, allowsKindChange }: Pick<PatchEntry, 'allowsNameChange' | 'allowsKindChange'>,
): void {
  const { kind, name, namespace } = currentId(target);
  if (allowsNameChange || allowsKindChange) storePreviousId(target);
  const patchRoot: MappingNode = { type: 'mapping', fields: new Map(patch.root.fields) };
  for (const field of ['apiVersion', 'kind']) {
    const own = target.root.fields.get(field);
    if (own !== undefined && !(field === 'kind' && allowsKindChange)) patchRoot.fields.set(field, own);
  }
  if (!mergePatch(ownRoot(target), patchRoot)) {
    resources.splice(resources.indexOf(target), 1);
    return;
  }
  const changed = currentId(target);
  restoreIdentity(target.root, {
    kind: allowsKindChange ? changed.kind : kind,
    name: allowsNameChange ? changed.name : name,
    namespace,
  });
}

/** Undefined when the text is no JSON6902 patch. */
export function readOperations(patch: PatchText): readonly JsonOperation[] | undefined {
  const [plain] = patch.documents ?? [];
  if (plain !== undefined) return decodeJsonPatch(plain);
  const document = parseYaml(patch.text)[0];
  if (document === undefined || document.errors.length > 0) return document === undefined ? [] : undefined;
  const node = nodeOf(document, patch.placeOf);
  return isNullNode(node) ? [] : decodeJsonPatch(node);
}

export interface OperationsUse {
  readonly patch: PatchText;
  readonly doubt: (what: string) => void;
  /** An entry of `patches` notes each resource's identity first, one of `patchesJson6902` does not. */
  readonly before?: (resource: Resource) => void;
}

export function applyOperations(
  resources: readonly Resource[],
  target: PatchTarget | undefined,
  operations: readonly JsonOperation[],
  { patch, doubt, before }: OperationsUse,
): void {
  if (target === undefined) throw new BuildError(`must specify a target for JSON patch ${patch.source}`);
  for (const resource of selectResources(resources, target, doubt)) {
    before?.(resource);
    // By way of JSON: what a merge has put into a list twice is two things from here on.
    resource.isShared = true;
    applyJsonPatch(ownRoot(resource), operations);
    const { kind, name } = currentId(resource);
    if (kind === '' || name === '') {
      throw new BuildError(
        `missing ${kind === '' ? 'kind' : 'metadata.name'} in object after the patch ${patch.source}`,
      );
    }
  }
}

/** Each part is a whole regular expression; names and namespaces match as they are or as they first were. */
function selectResources(
  resources: readonly Resource[],
  target: PatchTarget,
  doubt: (what: string) => void,
): readonly Resource[] {
  const matcher = (pattern: string): ((text: string) => boolean) => {
    if (pattern === '') return () => true;
    const compiled = compilePattern(pattern, { anchored: '^(?:%s)$' });
    if (compiled === undefined) doubt(`a patch target selected by the pattern ${pattern}`);
    return (text) => compiled?.test(text) ?? false;
  };
  const [group, version, kind] = [matcher(target.group), matcher(target.version), matcher(target.kind)];
  const [name, namespace] = [matcher(target.name), matcher(target.namespace)];
  const hasLabels = selectorOf(target.labelSelector);
  const hasAnnotations = selectorOf(target.annotationSelector);
  return resources.filter((resource) => {
    const [current, original] = [currentId(resource), originalId(resource)];
    return (
      (namespace(effectiveNamespace(original)) || namespace(effectiveNamespace(current))) &&
      (name(original.name) || name(current.name)) &&
      group(current.group) &&
      version(current.version) &&
      kind(current.kind) &&
      hasLabels(textsOf(resource.root, 'labels')) &&
      hasAnnotations(textsOf(resource.root, 'annotations'))
    );
  });
}

function selectorOf(selector: string): (labels: Readonly<Record<string, string>>) => boolean {
  const matches = parseLabelSelector(selector);
  if (matches === undefined) throw new BuildError(`unable to parse requirement: ${selector}`);
  return matches;
}

function textsOf(root: MappingNode, name: string): Readonly<Record<string, string>> {
  const field = fieldOf(root, 'metadata', name);
  if (field?.type !== 'mapping') return {};
  return Object.fromEntries([...field.fields].map(([key, value]) => [key, value.type === 'scalar' ? value.text : '']));
}
