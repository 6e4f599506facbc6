// The growing list of resources of one build, and what generators add to it (api/resmap reswrangler.go).
import type { GeneratorEntry } from './kustomizationFile';
import { type MappingNode, textNode } from './nodes';
import { currentId, formatId, isSameId, keyOf, type Resource } from './resources';
import { BuildError } from './strategicMerge';

export interface Accumulation {
  readonly resources: Resource[];
  /** Identities of `resources`; undefined after names have changed. */
  ids: Set<string> | undefined;
}

/** Refuses what is already there under the same identity. */
export function append(accumulation: Accumulation, resources: readonly Resource[]): void {
  accumulation.ids ??= new Set(accumulation.resources.map((resource) => keyOf(currentId(resource))));
  for (const resource of resources) {
    const key = keyOf(currentId(resource));
    if (accumulation.ids.has(key)) {
      throw new BuildError(`may not add resource with an already registered id: ${formatId(currentId(resource))}`);
    }
    accumulation.ids.add(key);
    accumulation.resources.push(resource);
  }
}

/** Only its identity matters here: patches may name it. */
export function addGenerated(accumulation: Accumulation, generator: GeneratorEntry, file: string): void {
  const metadata = new Map([['name', textNode(generator.name)]]);
  if (generator.namespace !== '') metadata.set('namespace', textNode(generator.namespace));
  const root: MappingNode = {
    type: 'mapping',
    fields: new Map([
      ['apiVersion', textNode('v1')],
      ['kind', textNode(generator.kind)],
    ]),
  };
  root.fields.set('metadata', { type: 'mapping', fields: metadata });
  const resource: Resource = { root, isShared: false, file, documentIndex: 0, previousIds: [], isGenerated: true };
  const id = currentId(resource);
  const found = accumulation.resources.filter((other) =>
    [...other.previousIds, currentId(other)].some((otherId) => isSameId(otherId, id)),
  );
  const isChange = generator.behavior === 'merge' || generator.behavior === 'replace';
  if (found.length === 0 && isChange) {
    throw new BuildError(`id ${formatId(id)} does not exist; cannot merge or replace`);
  }
  if (found.length > 0 && !isChange) {
    throw new BuildError(
      `id ${formatId(id)} exists; can not use behavior: 'create', behavior must be merge or replace`,
    );
  }
  if (!isChange) append(accumulation, [resource]);
}
