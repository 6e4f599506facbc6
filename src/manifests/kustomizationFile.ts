// A kustomization file, read as strictly as kustomize reads it (api/types/kustomization.go): an unknown field or a number
// where text belongs refuses the whole build.

import { parseYaml } from './documents';
import type { ImageEntry } from './imageTransform';
import { isNullNode, type MappingNode, nodeOf, type PlaceOf, type ScalarNode, type TreeNode } from './nodes';
import { readPlainBlocks } from './plainBlocks';
import { BuildError } from './strategicMerge';
import { readsAs } from './yamlTypes';

export interface PatchEntry {
  readonly path: string;
  readonly patch: ScalarNode | undefined;
  readonly target: PatchTarget | undefined;
  readonly allowsNameChange: boolean;
  readonly allowsKindChange: boolean;
}

export interface PatchTarget {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly labelSelector: string;
  readonly annotationSelector: string;
}

export interface KustomizationFile {
  readonly isComponent: boolean;
  readonly namePrefix: string;
  readonly nameSuffix: string;
  readonly namespace: string;
  readonly resources: readonly string[];
  readonly components: readonly string[];
  readonly crds: readonly string[];
  readonly images: readonly ImageEntry[];
  readonly patches: readonly PatchEntry[];
  readonly patchesStrategicMerge: readonly ScalarNode[];
  readonly patchesJson6902: readonly PatchEntry[];
  readonly labels: readonly (readonly [string, string])[];
  readonly annotations: readonly (readonly [string, string])[];
  readonly generators: readonly GeneratorEntry[];
  readonly replicas: readonly string[];
  readonly replacements: readonly TreeNode[];
  /** Fields that are there and that a build here does not evaluate. */
  readonly unsupported: readonly string[];
}

export interface GeneratorEntry {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly namespace: string;
  readonly behavior: string;
  readonly files: readonly string[];
}

type Shape = 'text' | 'texts' | 'textMap' | 'any' | 'list' | Shapes;
interface Shapes {
  readonly [field: string]: Shape;
}

const selector: Shapes = {
  group: 'text',
  version: 'text',
  kind: 'text',
  name: 'text',
  namespace: 'text',
  annotationSelector: 'text',
  labelSelector: 'text',
};
const patch: Shapes = { path: 'text', patch: 'text', target: selector, options: 'any' };
const image: Shapes = { name: 'text', newName: 'text', tagSuffix: 'text', newTag: 'text', digest: 'text' };

const known: Shapes = {
  apiVersion: 'text',
  kind: 'text',
  metadata: 'any',
  openapi: 'textMap',
  namePrefix: 'text',
  nameSuffix: 'text',
  namespace: 'text',
  commonLabels: 'textMap',
  labels: 'list',
  commonAnnotations: 'textMap',
  patchesStrategicMerge: 'texts',
  patchesJson6902: patch,
  patches: patch,
  images: image,
  imageTags: image,
  replacements: 'list',
  replicas: 'list',
  vars: 'list',
  sortOptions: 'any',
  resources: 'texts',
  components: 'texts',
  crds: 'texts',
  bases: 'texts',
  configMapGenerator: 'list',
  secretGenerator: 'list',
  helmGlobals: 'any',
  helmCharts: 'list',
  helmChartInflationGenerator: 'list',
  generatorOptions: 'any',
  configurations: 'texts',
  generators: 'texts',
  transformers: 'texts',
  validators: 'texts',
  buildMetadata: 'texts',
};

/** Could each change an image, or decide how a patch merges. */
const notEvaluated = [
  'helmCharts',
  'helmChartInflationGenerator',
  'configurations',
  'generators',
  'transformers',
  'validators',
  'openapi',
];

/** The file as it is. Throws a `BuildError` with kustomize's words for a file that is no mapping. */
export function parseKustomization(
  text: string,
  placeOf: PlaceOf,
  documents = readPlainBlocks(text, placeOf),
): MappingNode {
  const [plain] = documents ?? [];
  if (plain !== undefined) return plain;
  const document = parseYaml(text)[0];
  const [error] = document?.errors ?? [];
  if (error !== undefined) throw new BuildError(`invalid Kustomization: yaml: ${error.message}`);
  const root = document === undefined ? undefined : nodeOf(document, placeOf, 'last');
  if (root === undefined || isNullNode(root)) throw new BuildError('kustomization.yaml is empty');
  if (root.type === 'mapping') return root;
  throw new BuildError(
    `invalid Kustomization: json: cannot unmarshal ${jsonType(root)} into Go value of type types.Kustomization`,
  );
}

/** kustomize refuses an unknown field; Flux, which reads the first file itself, drops it. */
export type Strictness = 'strict' | 'lenient';

/** Throws a `BuildError` with kustomize's words for a file that it refuses. */
export function readKustomization(root: MappingNode, strictness: Strictness): KustomizationFile {
  return describeKustomization(checkFields(root, known, 'Kustomization', strictness));
}

/** The fields under their proper names: Go's decoder takes any case. Nulls are dropped. */
function checkFields(node: MappingNode, shapes: Shapes, type: string, strictness: Strictness): MappingNode {
  const fields = new Map<string, TreeNode>();
  // Go's reader sorts the keys: of two spellings of a field the one with more small letters counts.
  for (const [written, value] of [...node.fields].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = Object.hasOwn(shapes, written) ? written : inAnyCase(shapes, written);
    const shape = name === undefined ? undefined : shapes[name];
    if (name === undefined || shape === undefined) {
      if (strictness === 'lenient') continue;
      throw new BuildError(`invalid Kustomization: json: unknown field ${JSON.stringify(written)}`);
    }
    if (isNull(value)) continue;
    fields.set(name, checkShape(value, shape, `${type}.${name}`, strictness));
  }
  return { type: 'mapping', fields };
}

function inAnyCase(shapes: Shapes, written: string): string | undefined {
  return Object.keys(shapes).findLast((name) => name.toLowerCase() === written.toLowerCase());
}

function checkShape(node: TreeNode, shape: Shape, field: string, strictness: Strictness): TreeNode {
  if (shape === 'any') return node;
  if (shape === 'text') return requireText(node, field);
  if (shape === 'textMap') {
    if (node.type !== 'mapping') throw mismatch(node, field, 'map[string]string');
    for (const value of node.fields.values()) if (!isNull(value)) requireText(value, field);
    return node;
  }
  const isStruct = typeof shape !== 'string' && !Array.isArray(shape);
  if (isStruct && field.endsWith('.target')) {
    if (node.type !== 'mapping') throw mismatch(node, field, 'types.Selector');
    return checkFields(node, shape, field, strictness);
  }
  if (node.type !== 'sequence') throw mismatch(node, field, '[]string');
  if (shape === 'list') return node;
  const items = node.items.map((item) => {
    if (shape === 'texts') return isNull(item) ? { ...nullText } : requireText(item, field);
    if (isNull(item)) return { type: 'mapping' as const, fields: new Map<string, TreeNode>() };
    if (item.type !== 'mapping') throw mismatch(item, field, 'types.Patch');
    return checkFields(item, shape, field, strictness);
  });
  return { type: 'sequence', items };
}

const nullText: ScalarNode = { type: 'scalar', text: '', value: '', isPlain: false };

function requireText(node: TreeNode, field: string): ScalarNode {
  if (node.type === 'scalar' && jsonType(node) === 'string') return node;
  throw mismatch(node, field, 'string');
}

function mismatch(node: TreeNode, field: string, type: string): BuildError {
  return new BuildError(
    `invalid Kustomization: json: cannot unmarshal ${jsonType(node)} into Go struct field ${field} of type ${type}`,
  );
}

function isNull(node: TreeNode): boolean {
  return node.type === 'scalar' && jsonType(node) === 'null';
}

/** After sigs.k8s.io/yaml's reading as YAML 1.1. */
function jsonType(node: TreeNode): string {
  if (node.type === 'mapping') return 'object';
  if (node.type === 'sequence') return 'array';
  if (!node.isPlain) return 'string';
  switch (readsAs(node.text)) {
    case 'null':
      return 'null';
    case 'bool':
      return 'bool';
    case 'int':
    case 'float':
      return 'number';
    default:
      return 'string';
  }
}

function describeKustomization(root: MappingNode): KustomizationFile {
  if (!hasContent(root)) throw new BuildError('kustomization.yaml is empty');
  const kind = text(root, 'kind') || 'Kustomization';
  checkType(kind, text(root, 'apiVersion'));
  const unsupported = notEvaluated.filter((name) => isFilled(root.fields.get(name)));
  return {
    isComponent: kind === 'Component',
    namePrefix: text(root, 'namePrefix'),
    nameSuffix: text(root, 'nameSuffix'),
    namespace: text(root, 'namespace'),
    resources: [...texts(root, 'resources'), ...texts(root, 'bases')],
    components: texts(root, 'components'),
    crds: texts(root, 'crds'),
    images: [...items(root, 'images'), ...items(root, 'imageTags')].map((item) => describeImage(item)),
    patches: items(root, 'patches').map((item) => describePatch(item)),
    patchesStrategicMerge: items(root, 'patchesStrategicMerge').filter((item) => item.type === 'scalar'),
    patchesJson6902: items(root, 'patchesJson6902').map((item) => describePatch(item)),
    labels: [...items(root, 'labels').flatMap((item) => pairs(item, 'pairs')), ...pairs(root, 'commonLabels')],
    annotations: pairs(root, 'commonAnnotations'),
    generators: [
      ...items(root, 'configMapGenerator').map((item) => describeGenerator(item, 'ConfigMap')),
      ...items(root, 'secretGenerator').map((item) => describeGenerator(item, 'Secret')),
    ],
    replicas: items(root, 'replicas').map((item) => text(item, 'name')),
    replacements: items(root, 'replacements'),
    unsupported,
  };
}

/** As Go compares the decoded file with an empty one: an empty text is nothing, an empty list is something. */
function hasContent(root: MappingNode): boolean {
  return [...root.fields].some(([name, node]) => {
    const isUnset = isNullNode(node) || (node.type === 'scalar' && node.text === '');
    return name !== 'kind' && name !== 'apiVersion' && !isUnset;
  });
}

function checkType(kind: string, apiVersion: string): void {
  const errors: string[] = [];
  if (kind !== 'Kustomization' && kind !== 'Component') errors.push('kind should be Kustomization or Component');
  const version = kind === 'Component' ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1';
  if (apiVersion !== '' && apiVersion !== version) errors.push(`apiVersion for ${kind} should be ${version}`);
  if (errors.length > 0) throw new BuildError(`Failed to read kustomization file:\n${errors.join('\n')}`);
}

function isFilled(node: TreeNode | undefined): boolean {
  if (node?.type === 'sequence') return node.items.length > 0;
  return node?.type === 'mapping' && node.fields.size > 0;
}

function text(node: TreeNode, name: string): string {
  const field = node.type === 'mapping' ? node.fields.get(name) : undefined;
  return field?.type === 'scalar' && !isNull(field) ? field.text : '';
}

function items(node: TreeNode, name: string): readonly TreeNode[] {
  const field = node.type === 'mapping' ? node.fields.get(name) : undefined;
  return field?.type === 'sequence' ? field.items : [];
}

function texts(node: TreeNode, name: string): readonly string[] {
  return items(node, name).flatMap((item) => (item.type === 'scalar' ? item.text : []));
}

function pairs(node: TreeNode, name: string): readonly (readonly [string, string])[] {
  const field = node.type === 'mapping' ? node.fields.get(name) : undefined;
  if (field?.type !== 'mapping') return [];
  return [...field.fields].flatMap(([key, value]) => (value.type === 'scalar' ? [[key, value.text] as const] : []));
}

function describeImage(node: TreeNode): ImageEntry {
  const origin = (name: string): Pick<ScalarNode, 'origin'>['origin'] => {
    const field = node.type === 'mapping' ? node.fields.get(name) : undefined;
    return field?.type === 'scalar' ? field.origin : undefined;
  };
  const [newTag, digest, newName] = [origin('newTag'), origin('digest'), origin('newName')];
  return {
    name: text(node, 'name'),
    newName: text(node, 'newName'),
    newTag: text(node, 'newTag'),
    digest: text(node, 'digest'),
    tagSuffix: text(node, 'tagSuffix'),
    origins: {
      ...(newTag === undefined ? {} : { newTag }),
      ...(digest === undefined ? {} : { digest }),
      ...(newName === undefined ? {} : { newName }),
    },
  };
}

function describePatch(node: TreeNode): PatchEntry {
  const field = (name: string): TreeNode | undefined => (node.type === 'mapping' ? node.fields.get(name) : undefined);
  const inline = field('patch');
  const target = field('target');
  const options = field('options');
  return {
    path: text(node, 'path'),
    patch: inline?.type === 'scalar' && inline.text.trim() !== '' ? inline : undefined,
    target: target === undefined ? undefined : describeTarget(target),
    allowsNameChange: options !== undefined && text(options, 'allowNameChange') === 'true',
    allowsKindChange: options !== undefined && text(options, 'allowKindChange') === 'true',
  };
}

function describeTarget(node: TreeNode): PatchTarget {
  return {
    group: text(node, 'group'),
    version: text(node, 'version'),
    kind: text(node, 'kind'),
    name: text(node, 'name'),
    namespace: text(node, 'namespace'),
    labelSelector: text(node, 'labelSelector'),
    annotationSelector: text(node, 'annotationSelector'),
  };
}

/** `files` entries may be `key=path`. */
function describeGenerator(node: TreeNode, kind: 'ConfigMap' | 'Secret'): GeneratorEntry {
  const env = text(node, 'env');
  return {
    kind,
    name: text(node, 'name'),
    namespace: text(node, 'namespace'),
    behavior: text(node, 'behavior'),
    files: [
      ...texts(node, 'files').map((file) => file.slice(file.indexOf('=') + 1)),
      ...texts(node, 'envs'),
      ...(env === '' ? [] : [env]),
    ],
  };
}
