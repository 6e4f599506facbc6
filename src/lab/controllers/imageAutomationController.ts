// image-automation-controller: writes what the policies have selected into the branch, whatever stands there. It has no memory of
// reverts. It wakes on any new latestRef in its namespace, on a new spec of its GitRepository, never on a commit.
// Source: image-automation-controller internal/controller/{imageupdateautomation_controller,predicate}.go.
import { textAt } from '../cluster/json';
import { type KubeObject, type Ref, refOf } from '../cluster/object';
import type { Store } from '../cluster/store';
import { reconcileAutomation } from './automationReconciler';
import type { ControllerConstants } from './constants';
import { Controller, type Trigger } from './controller';
import type { GitMirror } from './gitMirror';
import { shareReads } from './gitRemote';
import { workplaceOf } from './workplace';

const readWindowMs = 100;

export function startImageAutomationController(
  store: Store,
  mirror: GitMirror,
  constants: ControllerConstants,
  onBug: (error: unknown) => void,
): Controller {
  const place = workplaceOf(store, constants, 'image-automation-controller');
  const remote = { mirror, readRefs: shareReads(readWindowMs) };
  const automations = (isMeant: (object: KubeObject) => boolean): readonly Ref[] =>
    store.list('ImageUpdateAutomation').items.filter(isMeant).map(refOf);
  const newLatestRef: Trigger = {
    kind: 'ImagePolicy',
    concerns: (after, before) => {
      if (before === undefined || latestRefOf(after) === latestRefOf(before)) return [];
      return automations(({ metadata }) => metadata.namespace === after.metadata.namespace);
    },
  };
  const newSource: Trigger = {
    kind: 'GitRepository',
    concerns: (after, before) => {
      if (before === undefined || after.metadata.generation === before.metadata.generation) return [];
      return automations((object) => {
        const namespace = textAt(object, 'spec', 'sourceRef', 'namespace') ?? object.metadata.namespace;
        return (
          textAt(object, 'spec', 'sourceRef', 'name') === after.metadata.name && namespace === after.metadata.namespace
        );
      });
    },
  };
  return new Controller({
    kind: 'ImageUpdateAutomation',
    cluster: store,
    constants,
    triggers: [newLatestRef, newSource],
    onBug,
    reconcile: (object, signal) => reconcileAutomation(place, remote, object, signal),
  });
}

function latestRefOf(policy: KubeObject): string {
  return JSON.stringify(['name', 'tag', 'digest'].map((field) => textAt(policy, 'status', 'latestRef', field) ?? ''));
}
