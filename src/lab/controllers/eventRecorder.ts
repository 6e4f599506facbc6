// Events as a controller sends them. The same text about the same object counts up instead of coming anew, and what is older
// than the API keeps events is deleted, so a lab that runs for days holds as many as one that runs for an hour.
import { randomBytes } from 'node:crypto';
import { type KubeObject, type Ref, refOf } from '../cluster/object';
import { StatusError } from '../cluster/status';
import type { Store } from '../cluster/store';
import { formatTime } from './conditions';
import type { ControllerConstants } from './constants';

interface Sent {
  readonly ref: Ref;
  readonly count: number;
  readonly at: number;
}

export class EventRecorder {
  readonly #store: Store;
  readonly #constants: ControllerConstants;
  readonly #controller: string;
  readonly #sent = new Map<string, Sent>();

  constructor(store: Store, constants: ControllerConstants, controller: string) {
    this.#store = store;
    this.#constants = constants;
    this.#controller = controller;
  }

  send(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const now = Date.now();
    this.#expire(now);
    const key = [about.metadata.uid, type, reason, message].join('\n');
    const known = this.#sent.get(key);
    const count = (known?.count ?? 0) + 1;
    const ref =
      (known === undefined ? undefined : this.#count(known.ref, count, now)) ??
      this.#create(about, type, reason, message, now);
    if (ref === undefined) return;
    this.#sent.delete(key); // the map's order is the order of the last sight
    this.#sent.set(key, { ref, count: ref === known?.ref ? count : 1, at: now });
  }

  #count(ref: Ref, count: number, now: number): Ref | undefined {
    return this.#unlessRefused(() => {
      const body = { count, lastTimestamp: formatTime(now) };
      this.#store.patch(ref, { type: 'merge', body }, { fieldManager: this.#controller });
      return ref;
    });
  }

  #create(about: KubeObject, type: string, reason: string, message: string, now: number): Ref | undefined {
    const { name, namespace = 'default', uid = '', resourceVersion = '' } = about.metadata;
    return this.#unlessRefused(() =>
      refOf(
        this.#store.create(
          {
            apiVersion: 'v1',
            kind: 'Event',
            metadata: { name: `${name}.${randomBytes(8).toString('hex')}`, namespace },
            involvedObject: {
              apiVersion: about.apiVersion,
              kind: about.kind,
              name,
              namespace,
              uid,
              resourceVersion,
            },
            reason,
            message: message.slice(0, 1024),
            type,
            source: { component: this.#controller },
            reportingComponent: this.#controller,
            reportingInstance: '',
            firstTimestamp: formatTime(now),
            lastTimestamp: formatTime(now),
            count: 1,
          },
          { fieldManager: this.#controller },
        ),
      ),
    );
  }

  #expire(now: number): void {
    for (const [key, { ref, at }] of this.#sent) {
      if (this.#sent.size < this.#constants.eventLimit && now - at < this.#constants.eventTtlMs) return;
      this.#sent.delete(key);
      this.#unlessRefused(() => this.#store.delete(ref));
    }
  }

  /** An event is worth no failure: its namespace may be gone, or somebody has deleted it. */
  #unlessRefused<T>(write: () => T): T | undefined {
    try {
      return write();
    } catch (error) {
      if (error instanceof StatusError) return undefined;
      throw error;
    }
  }
}
