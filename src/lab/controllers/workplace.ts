// What one controller does to the cluster, under its own name: status patches, events, and nothing else in common.
import type { JsonObject } from '../cluster/json';
import { type KubeObject, refOf } from '../cluster/object';
import { StatusError } from '../cluster/status';
import type { Store } from '../cluster/store';
import type { ControllerConstants } from './constants';
import { EventRecorder } from './eventRecorder';
import { StatusDraft } from './statusDraft';

/** The release whose behaviour the lab shows. */
export const fluxRelease = '2.9';

export interface Workplace {
  readonly store: Store;
  readonly constants: ControllerConstants;
  readonly events: EventRecorder;
  draft(object: KubeObject): StatusDraft;
}

/** `controller` is the field manager and the source of the events. */
export function workplaceOf(store: Store, constants: ControllerConstants, controller: string): Workplace {
  const replace = (object: KubeObject, fields: JsonObject): void => {
    try {
      const body = Object.entries(fields).map(([field, value]) =>
        value === undefined
          ? { op: 'remove', path: `/status/${field}` }
          : { op: 'add', path: `/status/${field}`, value },
      );
      store.patch(refOf(object), { type: 'json', body }, { fieldManager: controller, part: 'status' });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  };
  return {
    store,
    constants,
    events: new EventRecorder(store, constants, controller),
    draft: (object) => new StatusDraft(object, replace, constants.statusGapMs),
  };
}

/** The object was deleted meanwhile: there is nothing left to say about it. */
export function isGone(error: unknown): boolean {
  return error instanceof StatusError && error.status.code === 404;
}
