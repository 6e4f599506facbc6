// Kubernetes resources during a kustomize build, and their identities (kyaml resid, api/resource).

import { parseYaml } from './documents';
import {
  cloneNode,
  fieldText,
  isNullNode,
  type MappingNode,
  nodeOf,
  type PlaceOf,
  type TreeNode,
  textNode,
} from './nodes';
import { readPlainBlocks } from './plainBlocks';
import { splitDocuments } from './splitDocuments';

export interface ResourceId {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

export interface Resource {
  /** The mapping itself and its `metadata` are this resource's own; what lies deeper may be shared until `ownRoot`. */
  root: MappingNode;
  /** Whether other copies of the resource hold the same nodes below. */
  isShared: boolean;
  /** The file that declares it. */
  readonly file: string;
  readonly documentIndex: number;
  /** Oldest first: what it was called before prefixes and namespaces. */
  readonly previousIds: ResourceId[];
  /** Made by a configMapGenerator or secretGenerator: it has an identity but no content here. */
  readonly isGenerated: boolean;
}

export function currentId({ root }: Resource): ResourceId {
  const apiVersion = fieldText(root, 'apiVersion');
  const slash = apiVersion.indexOf('/');
  const metadata = root.fields.get('metadata');
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind: fieldText(root, 'kind'),
    name: fieldText(metadata, 'name'),
    namespace: fieldText(metadata, 'namespace'),
  };
}

export function originalId(resource: Resource): ResourceId {
  return resource.previousIds[0] ?? currentId(resource);
}

/** Its id, noted. kustomize does so in an annotation of its own, so that from here on the resource has annotations. */
export function storePreviousId(resource: Resource): ResourceId {
  const id = currentId(resource);
  const { group, version, kind, name } = id;
  resource.previousIds.push({ group, version, kind, name, namespace: effectiveNamespace(id) });
  const metadata = resource.root.fields.get('metadata');
  if (metadata?.type === 'mapping' && isAbsent(metadata.fields.get('annotations'))) {
    metadata.fields.set('annotations', { type: 'mapping', fields: new Map() });
  }
  return id;
}

function isAbsent(node: TreeNode | undefined): boolean {
  return node === undefined || isNullNode(node);
}

/** As kustomize prints it: `Deployment.v1.apps/web.[noNs]`. */
export function formatId(id: ResourceId): string {
  const type = `${id.kind || '[noKind]'}.${id.version || '[noVer]'}.${id.group || '[noGrp]'}`;
  return `${type}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`;
}

/** Equal for what kustomize takes for the same object. */
export function keyOf(id: ResourceId): string {
  return `${id.group}|${id.version}|${id.kind}|${effectiveNamespace(id)}|${id.name}`;
}

export function isSameId(a: ResourceId, b: ResourceId): boolean {
  return (
    a.kind === b.kind &&
    a.name === b.name &&
    a.group === b.group &&
    a.version === b.version &&
    effectiveNamespace(a) === effectiveNamespace(b)
  );
}

export function effectiveNamespace(id: ResourceId): string {
  if (isClusterScoped(id)) return '_non_namespaceable_';
  return id.namespace === '' ? 'default' : id.namespace;
}

/** What kustomize's built-in schema (Kubernetes 1.21) knows for certain to have no namespace. */
const clusterScoped: Readonly<Record<string, readonly string[]>> = {
  'admissionregistration.k8s.io/v1': ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
  'admissionregistration.k8s.io/v1beta1': ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
  'apiextensions.k8s.io/v1': ['CustomResourceDefinition'],
  'apiextensions.k8s.io/v1beta1': ['CustomResourceDefinition'],
  'apiregistration.k8s.io/v1': ['APIService'],
  'apiregistration.k8s.io/v1beta1': ['APIService'],
  'certificates.k8s.io/v1': ['CertificateSigningRequest'],
  'certificates.k8s.io/v1beta1': ['CertificateSigningRequest'],
  'flowcontrol.apiserver.k8s.io/v1beta1': ['FlowSchema', 'PriorityLevelConfiguration'],
  'networking.k8s.io/v1': ['IngressClass'],
  'networking.k8s.io/v1beta1': ['IngressClass'],
  'node.k8s.io/v1': ['RuntimeClass'],
  'node.k8s.io/v1beta1': ['RuntimeClass'],
  'policy/v1beta1': ['PodSecurityPolicy'],
  'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding'],
  'rbac.authorization.k8s.io/v1beta1': ['ClusterRole', 'ClusterRoleBinding'],
  'scheduling.k8s.io/v1': ['PriorityClass'],
  'scheduling.k8s.io/v1beta1': ['PriorityClass'],
  'storage.k8s.io/v1': ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'],
  'storage.k8s.io/v1beta1': ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'],
  v1: ['ComponentStatus', 'Namespace', 'Node', 'NodeProxyOptions', 'PersistentVolume'],
};

const clusterScopedKinds: ReadonlySet<string> = new Set(Object.values(clusterScoped).flat());

export function isClusterScoped({ group, version, kind }: ResourceId): boolean {
  if (!clusterScopedKinds.has(kind)) return false;
  return clusterScoped[group === '' ? version : `${group}/${version}`]?.includes(kind) ?? false;
}

/** Sets a field of `metadata`; an empty text takes it away. */
export function setMetadata(root: MappingNode, name: string, text: string): void {
  const metadata = root.fields.get('metadata');
  const fields = metadata?.type === 'mapping' ? metadata.fields : new Map<string, TreeNode>();
  if (text === '') fields.delete(name);
  else fields.set(name, textNode(text));
  root.fields.set('metadata', { type: 'mapping', fields });
}

export interface LoadedResources {
  readonly resources: readonly Resource[];
  readonly error?: string;
}

/**
 * The resources of a YAML text as kustomize's factory reads them: lists are opened, each needs a kind and a name.
 * `placeOf` maps a range of this text to a place in a file. `documents` is what `readPlainBlocks` made of it, if it did.
 */
export function readResources(
  text: string,
  file: string,
  placeOf: PlaceOf,
  documents?: readonly MappingNode[],
): LoadedResources {
  const chunks = splitDocuments(text);
  if (chunks === undefined) return { resources: [], error: 'MalformedYAMLError: invalid document separator' };
  const resources: Resource[] = [];
  for (const chunk of chunks) {
    const read =
      chunks.length === 1
        ? readFirst(text, placeOf, documents)
        : readFirst(text.slice(chunk.start, chunk.end), (start, end) =>
            placeOf(start + chunk.start, end + chunk.start),
          );
    if (read === undefined) continue;
    if ('error' in read) return { resources: [], error: `MalformedYAMLError: ${read.error} in File: ${file}` };
    const { node } = read;
    if (isNullNode(node) || (node.type === 'mapping' && node.fields.size === 0)) continue;
    for (const root of openLists(node)) {
      const trouble = validate(root);
      if (trouble !== undefined || root.type !== 'mapping') return { resources: [], error: trouble ?? 'no object' };
      resources.push({
        root,
        isShared: true,
        file,
        documentIndex: chunk.index,
        previousIds: [],
        isGenerated: false,
      });
    }
  }
  return { resources };
}

function readFirst(
  text: string,
  placeOf: PlaceOf,
  documents = readPlainBlocks(text, placeOf),
): { readonly node: TreeNode } | { readonly error: string } | undefined {
  const [plain] = documents ?? [];
  if (plain !== undefined) return { node: plain };
  const [document] = parseYaml(text);
  if (document === undefined) return undefined;
  const [error] = document.errors;
  if (error !== undefined) return { error: error.message };
  const node = nodeOf(document, placeOf);
  return node === undefined ? { error: 'aliases cannot be resolved' } : { node };
}

function openLists(node: TreeNode): readonly TreeNode[] {
  if (node.type !== 'mapping' || !fieldText(node, 'kind').endsWith('List')) return [node];
  const items = node.fields.get('items');
  if (items === undefined) return [node];
  if (items.type === 'sequence')
    return items.items.filter((item) => !isNullNode(item)).flatMap((item) => openLists(item));
  return isNullNode(items) ? [] : [node];
}

function validate(node: TreeNode): string | undefined {
  if (node.type !== 'mapping') return 'missing Resource metadata';
  const kind = fieldText(node, 'kind');
  const name = fieldText(node, 'metadata', 'name');
  if (kind === '')
    return fieldText(node, 'apiVersion') === '' && name === '' ? 'missing Resource metadata' : 'missing kind in object';
  return name === '' && !kind.endsWith('List') ? 'missing metadata.name in object' : undefined;
}

/** Most of what a build takes in gets a namespace and nothing else, so a copy begins with little of its own. */
export function copyResource(resource: Resource): Resource {
  const fields = new Map(resource.root.fields);
  const metadata = fields.get('metadata');
  if (metadata?.type === 'mapping') fields.set('metadata', { type: 'mapping', fields: new Map(metadata.fields) });
  const { file, documentIndex, previousIds, isGenerated } = resource;
  return {
    root: { type: 'mapping', fields },
    isShared: true,
    file,
    documentIndex,
    previousIds: [...previousIds],
    isGenerated,
  };
}

/** The root, with nothing below it that another copy of the resource holds. */
export function ownRoot(resource: Resource): MappingNode {
  if (resource.isShared) resource.root = cloneNode(resource.root);
  resource.isShared = false;
  return resource.root;
}
