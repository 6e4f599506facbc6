// The ImageUpdateAutomations that are declared here, and which of them write a marker.
import { isBelow } from '../fleet/placements';
import type { ImagePolicy, ImageUpdateAutomation } from '../model/flux';
import type { DeclaredObject } from '../model/manifest';
import { ofKind } from './declaredPolicies';
import type { CheckedRepository } from './rule';

export type DeclaredAutomation = DeclaredObject<ImageUpdateAutomation>;

/** Only those of the policy's own namespace know its setters. */
export function automationsOf({ manifests }: CheckedRepository, namespace: string): readonly DeclaredAutomation[] {
  return ofKind<ImageUpdateAutomation>(manifests, 'ImageUpdateAutomation').filter(
    ({ object }) => object.meta.namespace === namespace,
  );
}

export function covers({ object }: DeclaredAutomation, file: string): boolean {
  return isBelow(file, object.updatePath);
}

/** Undefined where the selector says more than labels. */
export function selects(
  { tree }: CheckedRepository,
  { object, file }: DeclaredAutomation,
  policy: ImagePolicy,
): boolean | undefined {
  if (object.policySelector === undefined) return true;
  if (tree.read(file)?.includes('matchExpressions') !== false) return undefined;
  return Object.entries(object.policySelector.matchLabels).every(([key, value]) => policy.meta.labels[key] === value);
}
