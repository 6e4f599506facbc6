// image-reflector-controller: ImageRepositories are scanned, ImagePolicies choose from what the scans found. A policy wakes on its
// own changes and on a new checksum of its repository, never on a namespace's labels or a repository's end, as the real one.
import { textAt } from '../cluster/json';
import { type KubeObject, type Ref, refOf } from '../cluster/object';
import type { Store } from '../cluster/store';
import type { ControllerConstants } from './constants';
import { Controller, type Trigger } from './controller';
import { reconcileImagePolicy } from './imagePolicyReconciler';
import { keyOf, reconcileImageRepository } from './imageRepositoryReconciler';
import { TagDatabase } from './tagDatabase';
import { workplaceOf } from './workplace';

export interface ImageReflector {
  stop(): Promise<void>;
}

export function startImageReflectorController(
  store: Store,
  constants: ControllerConstants,
  onBug: (error: unknown) => void,
): ImageReflector {
  const place = workplaceOf(store, constants, 'image-reflector-controller');
  const database = new TagDatabase();
  const common = { cluster: store, constants, onBug };
  const unwatch = store.watch('ImageRepository', ({ type, object }) => {
    if (type === 'DELETED') database.delete(keyOf(object));
  });
  const repositories = new Controller({
    ...common,
    kind: 'ImageRepository',
    triggers: [],
    reconcile: (object, signal) => reconcileImageRepository(place, database, object, signal),
  });
  const newScan: Trigger = {
    kind: 'ImageRepository',
    concerns: (after, before) => (checksum(after) === checksum(before) ? [] : policiesOf(store, after)),
  };
  const policies = new Controller({
    ...common,
    kind: 'ImagePolicy',
    triggers: [newScan],
    reconcile: (object, signal) => reconcileImagePolicy(place, database, object, signal),
  });
  return {
    stop: async () => {
      unwatch();
      await Promise.all([repositories.stop(), policies.stop()]);
    },
  };
}

function checksum(repository: KubeObject | undefined): string | undefined {
  return textAt(repository, 'status', 'lastScanResult', 'revision');
}

function policiesOf(store: Store, { metadata }: KubeObject): readonly Ref[] {
  return store
    .list('ImagePolicy')
    .items.filter(
      (policy) =>
        textAt(policy, 'spec', 'imageRepositoryRef', 'name') === metadata.name &&
        (textAt(policy, 'spec', 'imageRepositoryRef', 'namespace') ?? policy.metadata.namespace) === metadata.namespace,
    )
    .map(refOf);
}
