// The objects, their one version counter, their recent changes, and who listens. Knows nothing of the API's rules.
// Invariant: an object is replaced, never changed; each change has one resourceVersion and one event, in the same order.
import { History, type StoreEvent } from './history';
import { kinds } from './kinds';
import type { KubeObject } from './object';
import { badRequest } from './status';

export type Listener = (event: StoreEvent) => void;

/** Sorts as etcd's keys do: by namespace, then by name. */
export function keyOf({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return `${namespace ?? ''}/${name}`;
}

export class Records {
  readonly #history: History;
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Map<string, Set<Listener>>();
  #version: number;

  /** `start`: above every version of an earlier life of this cluster, so that a client from then is told 410 Expired. */
  constructor(historyLimit: number, start: number) {
    this.#version = start;
    this.#history = new History(historyLimit, start);
    for (const { kind } of kinds) {
      this.#objects.set(kind, new Map());
      this.#listeners.set(kind, new Set());
    }
  }

  get version(): string {
    return String(this.#version);
  }

  get(kind: string, key: string): KubeObject | undefined {
    return this.#objects.get(kind)?.get(key);
  }

  everything(): readonly KubeObject[] {
    return [...this.#objects.values()].flatMap((objects) => [...objects.values()]);
  }

  /** Sorted by key, as they are or as they were at a resourceVersion (410 when that is forgotten). */
  all(kind: string, at: string | undefined): readonly KubeObject[] {
    const objects = new Map(this.#objects.get(kind));
    const undone = at === undefined ? [] : this.#history.since(parseVersion(at));
    for (const event of undone.toReversed()) {
      if (event.object.kind !== kind) continue;
      if (event.previous === undefined) objects.delete(keyOf(event.object.metadata));
      else objects.set(keyOf(event.object.metadata), event.previous);
    }
    return [...objects].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  put(object: KubeObject): KubeObject {
    const previous = this.get(object.kind, keyOf(object.metadata));
    const stored = this.#next(object);
    this.#objects.get(object.kind)?.set(keyOf(object.metadata), stored);
    const type = previous === undefined ? 'ADDED' : 'MODIFIED';
    this.#publish({ type, object: stored, version: this.#version, ...(previous === undefined ? {} : { previous }) });
    return stored;
  }

  remove(object: KubeObject): KubeObject {
    const previous = this.get(object.kind, keyOf(object.metadata)) ?? object;
    const last = this.#next(object);
    this.#objects.get(object.kind)?.delete(keyOf(object.metadata));
    this.#publish({ type: 'DELETED', object: last, previous, version: this.#version });
    return last;
  }

  /** `since`: also the changes after that resourceVersion (410 when that is forgotten). Returns what ends the watch. */
  watch(kind: string, listener: Listener, since: string | undefined): () => void {
    const own: Listener = (event) => listener(event);
    const missed = since === undefined ? [] : this.#history.since(parseVersion(since));
    this.#listeners.get(kind)?.add(own);
    for (const event of missed) if (event.object.kind === kind) this.#deliver(event, own);
    return () => this.#listeners.get(kind)?.delete(own);
  }

  compact(): void {
    this.#history.compact();
  }

  #next(object: KubeObject): KubeObject {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: this.version } };
  }

  #publish(event: StoreEvent): void {
    this.#history.add(event);
    for (const listener of this.#listeners.get(event.object.kind) ?? []) this.#deliver(event, listener);
  }

  /** Never from within the write, so that a listener that writes finds the store at rest. Microtasks keep the order. */
  #deliver(event: StoreEvent, listener: Listener): void {
    queueMicrotask(() => {
      if (this.#listeners.get(event.object.kind)?.has(listener) === true) listener(event);
    });
  }
}

function parseVersion(text: string): number {
  if (!/^\d+$/.test(text)) throw badRequest(`Invalid value: "${text}": resourceVersion must be a number`);
  return Number(text);
}
