// The loop that every controller here runs: objects of one kind, one reconcile per object at a time, woken by watches and timers.
// What happens meanwhile is handled afterwards: that is why a Kustomization that waits for health is blind to new revisions.
// Source: sigs.k8s.io/controller-runtime and fluxcd/pkg runtime/predicates.
import { textAt } from '../cluster/json';
import { type KubeObject, type Ref, refOf } from '../cluster/object';
import type { Store } from '../cluster/store';
import type { ControllerConstants } from './constants';

/** When to look again: after a time, with growing waits until it succeeds, or only when something changes. */
export type Outcome =
  | { readonly next: 'after'; readonly ms: number }
  | { readonly next: 'retry' }
  | { readonly next: 'change' };

/** Another kind whose changes concern objects of this one. `before` is undefined for a new object. */
export interface Trigger {
  readonly kind: string;
  readonly concerns: (after: KubeObject, before: KubeObject | undefined) => readonly Ref[];
}

export interface ControllerOptions {
  readonly kind: string;
  readonly cluster: Store;
  readonly constants: ControllerConstants;
  readonly reconcile: (object: KubeObject, signal: AbortSignal) => Promise<Outcome>;
  readonly triggers: readonly Trigger[];
  /** A reconcile threw what it should have handled. */
  readonly onBug: (error: unknown) => void;
}

interface Work {
  readonly ref: Ref;
  failures: number;
  isRunning: boolean;
  isDirty: boolean;
  timer?: NodeJS.Timeout;
}

const requestedAt = 'reconcile.fluxcd.io/requestedAt';

export function requestOf(object: KubeObject): string | undefined {
  return textAt(object, 'metadata', 'annotations', requestedAt);
}

/** Flux's predicate: a new spec, a new request, or the mark of deletion. Status writes wake nobody. */
function isCallFor(after: KubeObject, before: KubeObject | undefined): boolean {
  return (
    before === undefined ||
    after.metadata.generation !== before.metadata.generation ||
    after.metadata.deletionTimestamp !== before.metadata.deletionTimestamp ||
    requestOf(after) !== requestOf(before)
  );
}

const keyOf = ({ namespace, name }: Ref): string => `${namespace ?? ''}/${name}`;

export class Controller {
  readonly #options: ControllerOptions;
  readonly #work = new Map<string, Work>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #unwatch: (() => void)[] = [];

  constructor(options: ControllerOptions) {
    this.#options = options;
    const own: Trigger = {
      kind: options.kind,
      concerns: (after, before) => (isCallFor(after, before) ? [refOf(after)] : []),
    };
    for (const trigger of [own, ...options.triggers]) this.#follow(trigger);
    for (const object of options.cluster.list(options.kind).items) this.#call(refOf(object));
  }

  /** Settles when the last reconcile has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const unwatch of this.#unwatch) unwatch();
    for (const work of this.#work.values()) clearTimeout(work.timer);
    await Promise.all(this.#running);
  }

  #follow(trigger: Trigger): void {
    const unwatch = this.#options.cluster.watch(trigger.kind, ({ type, object, previous }) => {
      if (type !== 'DELETED') {
        for (const ref of trigger.concerns(object, previous)) this.#call(ref);
      } else if (trigger.kind === this.#options.kind) this.#forget(keyOf(refOf(object)));
    });
    this.#unwatch.push(unwatch);
  }

  #forget(key: string): void {
    if (this.#work.get(key)?.isRunning === true) return; // the run finds nothing and ends
    clearTimeout(this.#work.get(key)?.timer);
    this.#work.delete(key);
  }

  #call(ref: Ref): void {
    if (this.#stopping.signal.aborted) return;
    const key = keyOf(ref);
    const work = this.#work.get(key) ?? { ref, failures: 0, isRunning: false, isDirty: false };
    this.#work.set(key, work);
    work.isDirty = true;
    if (work.isRunning) return;
    clearTimeout(work.timer);
    const run = this.#run(work).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #run(work: Work): Promise<void> {
    work.isRunning = true;
    await Promise.resolve(); // a watch listener returns before the work begins
    let outcome: Outcome = { next: 'change' };
    while (work.isDirty && !this.#stopping.signal.aborted) {
      work.isDirty = false;
      outcome = await this.#reconcile(work.ref);
    }
    work.isRunning = false;
    if (this.#stopping.signal.aborted || this.#work.get(keyOf(work.ref)) !== work) return;
    const ms = this.#wait(work, outcome);
    if (ms !== undefined) work.timer = setTimeout(() => this.#call(work.ref), ms);
  }

  #wait(work: Work, outcome: Outcome): number | undefined {
    work.failures = outcome.next === 'retry' ? work.failures + 1 : 0;
    const { retryMinMs, retryMaxMs } = this.#options.constants;
    if (outcome.next === 'retry') return Math.min(retryMaxMs, retryMinMs * 2 ** (work.failures - 1));
    return outcome.next === 'after' ? outcome.ms : undefined;
  }

  async #reconcile(ref: Ref): Promise<Outcome> {
    const object = this.#options.cluster.get(ref);
    if (object === undefined) return { next: 'change' };
    try {
      return await this.#options.reconcile(object, this.#stopping.signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#options.onBug(error);
      return { next: 'retry' };
    }
  }
}
