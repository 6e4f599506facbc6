// The ImageUpdateAutomations that are declared here, and which of them write a marker.
import { isBelow } from '../fleet/placements';
import type { Tree } from '../manifests/tree';
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

/** Undefined where the selector says more than labels. */
export function selects(tree: Tree, { object, file }: DeclaredAutomation, policy: ImagePolicy): boolean | undefined {
  if (object.policySelector === undefined) return true;
  if (tree.read(file)?.includes('matchExpressions') !== false) return undefined;
  return Object.entries(object.policySelector.matchLabels).every(([key, value]) => policy.meta.labels[key] === value);
}
