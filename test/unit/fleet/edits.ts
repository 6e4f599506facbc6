// What tests do to the shop's objects, and how they read what is derived from them.
import assert from 'node:assert/strict';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { linkText } from '../../../src/fleet/rowTexts';
import type { Facts } from '../../../src/model/facts';
import type { Placement } from '../../../src/model/fleet';
import { editObject, shopFacts, shopObjects } from './shop';

export type Json = Record<string, unknown>;

export function withStatus(object: Json, patch: Json): Json {
  return { ...object, status: { ...(object['status'] as Json), ...patch } };
}

export function withSpec(object: Json, patch: Json): Json {
  return { ...object, spec: { ...(object['spec'] as Json), ...patch } };
}

/** A status. */
export function failing(reason: string, message: string): Json {
  return { conditions: [{ type: 'Ready', status: 'False', reason, message }] };
}

/** A sound shop's objects but for the status of one. */
export function objectsWith(which: string, patch: Json): readonly Json[] {
  return editObject(shopObjects(), which, (object) => withStatus(object, patch));
}

/** A sound shop but for one object. */
export function edited(which: string, edit: (object: Json) => Json): Facts {
  return shopFacts({ objects: editObject(shopObjects(), which, edit) });
}

/** The last environment's placement. */
export function production(facts: Facts): Placement {
  const found = deriveFleet(facts).environments.at(-1)?.placements[0];
  assert.ok(found !== undefined);
  return found;
}

export function chainOf(facts: Facts): readonly string[] {
  return production(facts).chain.map((link) => `${link.name}: ${linkText(link)}`);
}
