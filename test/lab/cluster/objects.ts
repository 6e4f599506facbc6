// Objects for the suites of the lab's API, and a way to write down what one refuses.
import assert from 'node:assert/strict';
import { isObject, type JsonObject } from '../../../src/lab/cluster/json';
import type { KubeObject } from '../../../src/lab/cluster/object';
import { StatusError } from '../../../src/lab/cluster/status';
import { Store } from '../../../src/lab/cluster/store';

export const by = (fieldManager: string) => ({ fieldManager });

export function storeWithNamespace(name = 'production'): Store {
  const store = new Store();
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, by('test'));
  return store;
}

export function deployment(name = 'backend', image = 'registry/backend:v1', spec: JsonObject = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'production', labels: { app: name } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image, env: [{ name: 'A', value: '1' }] }] },
      },
      ...spec,
    },
  };
}

export function imagePolicy(name = 'backend'): KubeObject {
  return {
    apiVersion: 'image.toolkit.fluxcd.io/v1',
    kind: 'ImagePolicy',
    metadata: { name, namespace: 'production' },
    spec: { imageRepositoryRef: { name }, filterTags: { pattern: '^v' }, policy: { numerical: {} } },
  };
}

/** `404 NotFound`, or what came back instead. */
export function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return `${error.status.code} ${error.status.reason}`;
  }
  return 'accepted';
}

/**
 * `manager operation: dotted paths`, one line per entry, in the order of the alphabet. Only of leaves: Kubernetes also names the
 * objects around them for who made these.
 */
export function ownersOf(object: KubeObject): readonly string[] {
  const walk = (node: JsonObject, path: string): readonly string[] => {
    const children = Object.entries(node);
    if (children.length === 0) return [path];
    return children.flatMap(([step, child]) => {
      const name = step === '.' ? '' : step.startsWith('f:') ? `.${step.slice(2)}` : `[${step.slice(2)}]`;
      return isObject(child) ? walk(child, path + name) : [];
    });
  };
  const entries = (object.metadata.managedFields ?? []).map((entry) => ({ ...entry, paths: walk(entry.fieldsV1, '') }));
  const all = entries.flatMap(({ paths }) => paths);
  const isLeaf = (path: string): boolean =>
    !all.some((other) => /^[.[]/.test(other.slice(path.length)) && other.startsWith(path));
  return entries
    .map(({ manager, operation, paths }) => `${manager} ${operation}: ${paths.filter(isLeaf).toSorted().join(' ')}`)
    .toSorted();
}
