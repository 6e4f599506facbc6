// Which ImagePolicies an automation uses: those of its own namespace that its selector takes and that have once selected
// something. Ready or not, suspended or not, does not count. Source: image-automation-controller, getPolicies.
import { decodeFluxObject } from '../../manifests/fluxObjects';
import type { SetterPolicy } from '../../manifests/setters';
import { isObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';
import type { Store } from '../cluster/store';

const operators: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** Why the selector cannot be used, or undefined. */
export function selectorFault(automation: KubeObject): string | undefined {
  const unknown = listAt(automation, 'spec', 'policySelector', 'matchExpressions')
    .map((expression) => textAt(expression, 'operator') ?? '')
    .find((operator) => !operators.includes(operator));
  if (unknown === undefined) return undefined;
  return `failed to parse policy selector: "${unknown}" is not a valid label selector operator`;
}

export function policiesOf(store: Store, automation: KubeObject): readonly SetterPolicy[] {
  const { namespace } = automation.metadata;
  const selector = objectAt(automation, 'spec', 'policySelector');
  return store
    .list('ImagePolicy', { namespace })
    .items.filter(({ metadata }) => matches(selector, metadata.labels ?? {}))
    .flatMap((object) => {
      const policy = decodeFluxObject(object);
      if (policy?.kind !== 'ImagePolicy' || policy.latestRef === undefined) return [];
      return [{ namespace: policy.meta.namespace, name: policy.meta.name, latestRef: policy.latestRef }];
    });
}

function matches(selector: JsonObject, labels: Readonly<Record<string, string>>): boolean {
  const hasLabels = Object.entries(objectAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value);
  return hasLabels && listAt(selector, 'matchExpressions').every((expression) => holds(expression, labels));
}

function holds(expression: Json, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[textAt(expression, 'key') ?? ''];
  const values = listAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

/** As `status.observedPolicies` holds them. */
export function observedPolicies(policies: readonly SetterPolicy[]): JsonObject {
  return Object.fromEntries(policies.map(({ name, latestRef }) => [name, { ...latestRef }]));
}

/** Another size, a new name or another ref: the automation must look at everything. */
export function hasNewPolicies(observed: Json | undefined, now: JsonObject): boolean {
  const before = isObject(observed) ? observed : {};
  const names = Object.keys(now);
  if (Object.keys(before).length !== names.length) return true;
  return names.some((name) =>
    ['name', 'tag', 'digest'].some((field) => textAt(before[name], field) !== textAt(now[name], field)),
  );
}
