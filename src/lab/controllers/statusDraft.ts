// The status of one object while a reconcile works on it. Written as Flux's patch helper writes it: the conditions first, the
// rest one round trip later, so nobody may take Ready for proof of the fields beside it. Source: fluxcd/pkg runtime/patch.
import { setTimeout as sleep } from 'node:timers/promises';
import { isEqual, type Json, type JsonObject, numberAt, objectAt } from '../cluster/json';
import type { KubeObject } from '../cluster/object';
import {
  type Condition,
  type ConditionStatus,
  conditionsOf,
  isTrue,
  withCondition,
  withoutCondition,
} from './conditions';
import { requestOf } from './controller';

/** Replaces whole fields of an object's status, as its own controller. An object that is gone is left alone. */
export type ReplaceStatus = (object: KubeObject, fields: JsonObject) => void;

export class StatusDraft {
  readonly object: KubeObject;
  readonly #replace: ReplaceStatus;
  readonly #gapMs: number;
  readonly #fields = new Map<string, Json | undefined>();
  #conditions: readonly Condition[];
  #written: JsonObject;

  constructor(object: KubeObject, replace: ReplaceStatus, gapMs: number) {
    this.object = object;
    this.#replace = replace;
    this.#gapMs = gapMs;
    this.#conditions = conditionsOf(object);
    this.#written = objectAt(object, 'status');
  }

  get conditions(): readonly Condition[] {
    return this.#conditions;
  }

  get isReady(): boolean {
    return isTrue(this.#conditions, 'Ready');
  }

  /** Ready, and nothing is open. Source: fluxcd/pkg runtime/conditions/getter.go. */
  get isAtRest(): boolean {
    return this.isReady && !isTrue(this.#conditions, 'Reconciling') && !isTrue(this.#conditions, 'Stalled');
  }

  mark(type: string, status: ConditionStatus, reason: string, message: string): void {
    const observedGeneration = this.object.metadata.generation ?? 0;
    this.#conditions = withCondition(
      this.#conditions,
      { type, status, reason, message, observedGeneration },
      Date.now(),
    );
  }

  unmark(...types: readonly string[]): void {
    for (const type of types) this.#conditions = withoutCondition(this.#conditions, type);
  }

  condition(type: string): Condition | undefined {
    return this.#conditions.find((condition) => condition.type === type);
  }

  /** Undefined removes the field. */
  set(field: string, value: Json | undefined): void {
    this.#fields.set(field, value);
  }

  get(field: string): Json | undefined {
    return this.#fields.has(field) ? this.#fields.get(field) : this.#written[field];
  }

  /** The last request to reconcile counts as handled. */
  handleRequest(): void {
    const request = requestOf(this.object);
    if (request !== undefined) this.set('lastHandledReconcileAt', request);
  }

  /** The generation that the reconcile saw counts as observed. */
  observe(): void {
    this.set('observedGeneration', this.object.metadata.generation ?? 0);
  }

  /**
   * What every controller's last patch does, also for a suspended object: the generation counts as observed when the object is
   * Ready or Stalled. So one that is born suspended never is. Source: fluxcd/pkg runtime/reconcile; measured on Flux 2.9.4.
   */
  observeSettled(): void {
    if (this.isReady || isTrue(this.#conditions, 'Stalled')) this.observe();
  }

  /** What a suspended object still says: that a request was seen, and the generation where nothing is open. */
  async writeSuspended(): Promise<void> {
    this.handleRequest();
    this.observeSettled();
    await this.write();
  }

  /** The first words of a run. A generation that nobody has looked at is told at once, and so is a request where `tellsRequests`. */
  async begin({ tellsRequests }: { readonly tellsRequests: boolean }): Promise<void> {
    this.progress('reconciliation in progress');
    const generation = this.object.metadata.generation ?? 0;
    const observed = numberAt(this.get('observedGeneration')) ?? 0;
    const request = requestOf(this.object);
    if (observed !== generation) {
      this.progress(`processing object: new generation ${observed} -> ${generation}`);
      await this.write();
    } else if (tellsRequests && request !== undefined && request !== this.get('lastHandledReconcileAt')) {
      await this.write();
    }
  }

  /**
   * What goes on. Ready says so too as long as it has no verdict, or where the verdict no longer counts.
   * Source: fluxcd/pkg runtime/reconcile ProgressiveStatus.
   */
  progress(message: string, verdict: 'stands' | 'void' = 'stands'): void {
    this.unmark('Stalled');
    this.mark('Reconciling', 'True', 'Progressing', message);
    const ready = this.condition('Ready');
    if (verdict === 'void' || ready === undefined || ready.status === 'Unknown') {
      this.mark('Ready', 'Unknown', 'Progressing', message);
    }
  }

  /** A failure that is tried again: Ready says why, Reconciling says what it was at and that it goes on. */
  markRetrying(reason: string, message: string): void {
    this.mark('Ready', 'False', reason, message);
    this.unmark('Stalled');
    this.mark('Reconciling', 'True', 'ProgressingWithRetry', this.condition('Reconciling')?.message ?? message);
  }

  /** A failure that only a change of the object ends. A Ready that says why already keeps its words. */
  markStalled(reason: string, message: string): void {
    this.unmark('Reconciling');
    this.mark('Stalled', 'True', reason, message);
    if (this.condition('Ready')?.status !== 'False') this.mark('Ready', 'False', reason, message);
  }

  async write(): Promise<void> {
    const conditions = this.#conditions as readonly Json[];
    const hasNewConditions = !isEqual(this.#written['conditions'] ?? [], conditions);
    if (hasNewConditions) {
      this.#replace(this.object, { conditions });
      this.#written = { ...this.#written, conditions };
    }
    const changed = [...this.#fields].filter(([field, value]) => !isEqual(this.#written[field], value));
    if (changed.length === 0) return;
    if (hasNewConditions) await sleep(this.#gapMs);
    this.#replace(this.object, Object.fromEntries(changed));
    this.#written = { ...this.#written, ...Object.fromEntries(changed) };
  }
}
