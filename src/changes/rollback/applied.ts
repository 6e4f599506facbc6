// Whether an edit of an object would reach the cluster at all: who applies it, and whether that works now.
import { findObject } from '../../fleet/liveObjects';
import { conditionOf, stateOfFlux } from '../../fleet/objectState';
import { keyOf } from '../../fleet/placements';
import type { FluxKind } from '../../model/flux';
import type { DeclaredObject, Root } from '../../model/manifest';
import { type Refusal, refuse } from '../plan';
import type { Standing } from './situation';

/** The Flux Kustomization that builds the object's own document. */
function applierOf({ content }: Standing, { file, document }: DeclaredObject): Root['kustomization'] {
  const applies = (root: Root): boolean => root.objects.some((one) => one.file === file && one.document === document);
  return content.manifests.roots.find((root) => root.kustomization !== undefined && applies(root))?.kustomization;
}

/** `harmless`: reasons of a failure that do not keep Flux from applying the next revision. `live`: as the cluster has it. */
export function refuseUnapplied(
  situation: Standing,
  declared: DeclaredObject,
  live: FluxKind | undefined,
  harmless: readonly string[],
): Refusal | undefined {
  const name = `${declared.object.kind} ${keyOf(declared.object.meta)}`;
  if (live?.meta.annotations['kustomize.toolkit.fluxcd.io/reconcile'] === 'disabled') {
    return refuse(`The ${name} is protected in the cluster (kustomize.toolkit.fluxcd.io/reconcile: disabled).`);
  }
  const reference = applierOf(situation, declared);
  const cluster = situation.facts.clusters.get(situation.placement.context ?? '');
  const applier = findObject(cluster?.kustomizations, reference);
  const state = applier && stateOfFlux(applier);
  if (reference === undefined || applier === undefined) return undefined;
  if (state?.state !== 'failed' && state?.state !== 'suspended') return undefined;
  if (state.state === 'failed' && harmless.includes(conditionOf(applier.conditions, 'Ready')?.reason ?? '')) {
    return undefined;
  }
  const why = state.state === 'failed' ? `fails now: ${state.reason}` : 'is suspended.';
  return refuse(
    `The Kustomization ${keyOf(reference)}, which applies the ${name}, ${why}`,
    'Mend or resume it first: until then the change does not reach the cluster.',
  );
}

/** Whether the object lies in the Kustomization that waits for the health of the bad version. */
export function isBlocked(situation: Standing, declared: DeclaredObject | undefined): boolean {
  const blocked = situation.placement.blockage?.kustomization;
  const applier = declared && applierOf(situation, declared);
  return blocked !== undefined && applier !== undefined && keyOf(applier) === keyOf(blocked);
}
