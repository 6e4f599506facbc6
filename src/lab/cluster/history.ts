// The recent changes, kept so that a watch can begin in the past and a paged list stays one moment's picture.
// It is bounded: whoever asks for more than it holds gets 410 Expired and lists again, as with a real API server.
import type { KubeObject } from './object';
import { expired } from './status';

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** After the change; for DELETED as it was last, with the deletion's own resourceVersion. */
  readonly object: KubeObject;
  /** Before the change; undefined for ADDED. */
  readonly previous?: KubeObject;
  readonly version: number;
}

export class History {
  readonly #limit: number;
  #events: StoreEvent[] = [];
  /** Everything up to this version is forgotten. */
  #forgotten: number;

  constructor(limit: number, start: number) {
    this.#limit = limit;
    this.#forgotten = start;
  }

  add(event: StoreEvent): void {
    this.#events.push(event);
    const surplus = this.#events.length - this.#limit;
    if (surplus > 0) this.#forget(surplus);
  }

  /** Throws a StatusError (410) when some of the events after `version` are forgotten. */
  since(version: number): readonly StoreEvent[] {
    if (version < this.#forgotten) throw expired(String(version), String(this.#forgotten));
    return this.#events.filter((event) => event.version > version);
  }

  /** As etcd's compaction: watches and paged lists from before now are refused. */
  compact(): void {
    this.#forget(this.#events.length);
  }

  #forget(count: number): void {
    const gone = this.#events.slice(0, count).at(-1);
    this.#forgotten = gone?.version ?? this.#forgotten;
    this.#events = this.#events.slice(count);
  }
}
