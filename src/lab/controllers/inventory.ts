// What a Kustomization has applied, by ids of the form `namespace_name_group_kind` with the version apart.
// Source: fluxcd/cli-utils pkg/object/objmetadata.go.
import type { JsonObject } from '../cluster/json';
import { listAt, textAt } from '../cluster/json';
import { kindNamed } from '../cluster/kinds';
import type { KubeObject, Ref } from '../cluster/object';

export function inventoryEntry({ apiVersion, kind, metadata }: KubeObject): JsonObject {
  const [first = '', second] = apiVersion.split('/');
  const [group, version] = second === undefined ? ['', first] : [first, second];
  const name = metadata.name.replaceAll(':', '__');
  return { id: [metadata.namespace ?? '', name, group, kind].join('_'), v: version };
}

/** The objects behind the entries; entries of kinds that the API does not serve are left out. */
export function refsOfInventory(inventory: JsonObject | undefined): readonly Ref[] {
  return listAt(inventory, 'entries').flatMap((entry) => {
    const match = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(textAt(entry, 'id') ?? '');
    if (match === null) return [];
    const [, namespace = '', name = '', , kind = ''] = match;
    if (kindNamed(kind) === undefined) return [];
    return [{ kind, name: name.replaceAll('__', ':'), ...(namespace === '' ? {} : { namespace }) }];
  });
}

export const keyOfRef = ({ kind, namespace, name }: Ref): string => `${kind}/${namespace ?? ''}/${name}`;
