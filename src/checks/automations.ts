// The ImageUpdateAutomations that are declared here, and which of them write a marker.
import { isBelow } from '../fleet/placements';
import { selectsLabels } from '../manifests/labelRequirements';
import { groupBy } from '../model/collections';
import type { ImagePolicy, ImageUpdateAutomation } from '../model/flux';
import type { DeclaredObject, RepositoryManifests } from '../model/manifest';
import { ofKind } from './declaredPolicies';

export type DeclaredAutomation = DeclaredObject<ImageUpdateAutomation>;

/** By namespace. */
export function indexAutomations(manifests: RepositoryManifests): ReadonlyMap<string, readonly DeclaredAutomation[]> {
  const all = ofKind<ImageUpdateAutomation>(manifests, 'ImageUpdateAutomation');
  return groupBy(all, ({ object }) => object.meta.namespace);
}

export function covers({ object }: DeclaredAutomation, file: string): boolean {
  return isBelow(file, object.updatePath);
}

export function selects({ object }: DeclaredAutomation, policy: ImagePolicy): boolean {
  return selectsLabels(object.policySelector ?? [], policy.meta.labels);
}
