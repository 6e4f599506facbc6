// The three things that are ever written to a cluster: ask to reconcile, suspend or resume, run another image at once.
// Each is one patch under our own field manager; Git stays what decides.
import type { ObjectReference } from '../model/flux';

/** The writing half of a cluster: it only asks an object to reconcile now. */
export interface ReconcilePen {
  requestReconcile(object: ObjectReference, token: string, signal: AbortSignal): Promise<void>;
}

export type Suspension = 'suspended' | 'resumed';

export interface SuspensionPen {
  setSuspension(object: ObjectReference, suspension: Suspension, signal: AbortSignal): Promise<void>;
}

export interface RolloutUndo {
  readonly deployment: ObjectReference;
  /** By container or init container. */
  readonly images: ReadonlyMap<string, string>;
  /** Of the Deployment that the user saw: its resourceVersion changes with each pod, its generation with what it asks for. */
  readonly generation: number;
}

export interface RolloutPen {
  /** Rejects with `base-moved` when somebody has changed the Deployment since. */
  undoRollout(undo: RolloutUndo, signal: AbortSignal): Promise<void>;
}

/** Asked before anything is offered: whether the cluster lets the user change an object. */
export interface RightsReader {
  mayChange(object: ObjectReference, signal: AbortSignal): Promise<boolean>;
}

export type ClusterPen = ReconcilePen & SuspensionPen & RolloutPen & RightsReader;

/** `token` differs from the last one; Flux compares the text only (fluxcd/pkg apis/meta/annotations.go). */
export async function applyReconcile(
  object: ObjectReference,
  pen: ReconcilePen,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  await pen.requestReconcile(object, new Date(now).toISOString(), signal);
}

/**
 * Lasts until Git says otherwise: kustomize-controller leaves a field alone that Git does not set, unless its manager's name
 * begins with `kubectl`.
 */
export async function applySuspension(
  object: ObjectReference,
  suspension: Suspension,
  pen: SuspensionPen,
  signal: AbortSignal,
): Promise<void> {
  await pen.setSuspension(object, suspension, signal);
}

/** Ahead of Git, and only until the Kustomization is applied again. */
export async function applyRolloutUndo(undo: RolloutUndo, pen: RolloutPen, signal: AbortSignal): Promise<void> {
  await pen.undoRollout(undo, signal);
}
