// kustomize's own transformers that name things: namespace, prefixes and suffixes, labels, annotations, replicas.
import type { KustomizationFile } from './kustomizationFile';
import { fieldOf, fieldText, type MappingNode, type TreeNode, textNode } from './nodes';
import {
  currentId,
  formatId,
  isClusterScoped,
  keyOf,
  originalId,
  type Resource,
  setMetadata,
  storePreviousId,
} from './resources';
import { BuildError, MissingTargetError } from './strategicMerge';

export function applyNamespace(resources: readonly Resource[], namespace: string): void {
  if (namespace === '') return;
  const counts = new Map<string, number>();
  const count = (key: string, by: number): number => {
    const sum = (counts.get(key) ?? 0) + by;
    counts.set(key, sum);
    return sum;
  };
  for (const resource of resources) count(keyOf(currentId(resource)), 1);
  for (const resource of resources) {
    const id = storePreviousId(resource);
    if (id.kind === 'Namespace' && id.group === '' && id.version === 'v1')
      setMetadata(resource.root, 'name', namespace);
    if (!isClusterScoped(id)) setMetadata(resource.root, 'namespace', namespace);
    count(keyOf(id), -1);
    const changed = currentId(resource);
    if (count(keyOf(changed), 1) > 1) {
      throw new BuildError(`namespace transformation produces ID conflict: [${formatId(changed)}]`);
    }
  }
}

const keepsName = ['CustomResourceDefinition', 'Namespace'];

export function applyAffixes(resources: readonly Resource[], { namePrefix, nameSuffix }: KustomizationFile): void {
  for (const [prefix, suffix] of [
    [namePrefix, ''],
    ['', nameSuffix],
  ] as const) {
    if (prefix === '' && suffix === '') continue;
    for (const resource of resources) {
      const { kind, group } = originalId(resource);
      if (keepsName.includes(kind) || (kind === 'APIService' && group === 'apiregistration.k8s.io')) continue;
      storePreviousId(resource);
      setMetadata(resource.root, 'name', `${prefix}${fieldText(resource.root, 'metadata', 'name')}${suffix}`);
    }
  }
}

/** On the object itself; selectors and pod templates, which a build also labels, cannot touch an image. */
export function applyTexts(
  resources: readonly Resource[],
  field: 'labels' | 'annotations',
  pairs: readonly (readonly [string, string])[],
): void {
  if (pairs.length === 0) return;
  for (const { root } of resources) {
    const existing = fieldOf(root, 'metadata', field);
    const fields = new Map<string, TreeNode>(existing?.type === 'mapping' ? existing.fields : []);
    for (const [key, value] of pairs) fields.set(key, textNode(value));
    metadataOf(root).fields.set(field, { type: 'mapping', fields });
  }
}

function metadataOf(root: MappingNode): MappingNode {
  const metadata = root.fields.get('metadata');
  if (metadata?.type === 'mapping') return metadata;
  const made: MappingNode = { type: 'mapping', fields: new Map() };
  root.fields.set('metadata', made);
  return made;
}

const podSpecs: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  PodTemplate: ['template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ...Object.fromEntries(
    ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job'].map((kind) => [kind, ['spec', 'template', 'spec']]),
  ),
};

/** At the end of every build the names of config maps are followed through containers (nameReference): these must be there. */
export function checkContainers({ root }: Resource): void {
  const path = podSpecs[fieldText(root, 'kind')] ?? [];
  let node: TreeNode | undefined = root;
  for (const name of path) node = descend(node, name);
  if (node === root) return;
  for (const list of ['containers', 'initContainers']) {
    const containers = descend(node, list);
    if (containers?.type === 'scalar') descend(containers, 'env');
    for (const item of containers?.type === 'sequence' ? containers.items : []) descend(item, 'env');
  }
}

/** Undefined where there is nothing, and for a list, which no path of ours leads through. */
function descend(node: TreeNode | undefined, name: string): TreeNode | undefined {
  if (node?.type === 'scalar' && node.value !== null) {
    throw new BuildError(`updating name reference: expected sequence or mapping node, found ${node.text}`);
  }
  return node?.type === 'mapping' ? node.fields.get(name) : undefined;
}

const scalable = ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'];

/** Counts are of no interest here, but a name that nothing has refuses the build. */
export function checkReplicas(resources: readonly Resource[], names: readonly string[]): void {
  for (const name of names) {
    const isFound = resources.some((resource) =>
      [...resource.previousIds, currentId(resource)].some((id) => id.name === name && scalable.includes(id.kind)),
    );
    if (!isFound)
      throw new MissingTargetError(`resource with name ${name} does not match a config with a scalable GVK`);
  }
}
