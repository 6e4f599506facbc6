import assert from 'node:assert/strict';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { type Explanation, explain } from '../../../src/fleet/explain/explanation';
import type { Facts } from '../../../src/model/facts';
import { now, type Shop, shopFacts } from './shop';

/** Of the last environment's placement. */
export function explained(facts: Facts, wanted?: string, at = now): Explanation {
  const fleet = deriveFleet(facts);
  const placement = fleet.environments.at(-1)?.placements[0];
  assert.ok(placement !== undefined);
  return explain(facts, fleet, placement, at, wanted);
}

export function said(shop: Shop, wanted?: string): readonly string[] {
  return explained(shopFacts(shop), wanted).faults.map(({ link, code, verdict }) => `${link} ${code} ${verdict}`);
}
