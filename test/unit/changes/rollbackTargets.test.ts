import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { rollbackTargets } from '../../../src/changes/rollbackTargets';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { tags } from '../fleet/shop';
import { registryOf } from './rollbackShop';

describe('rollbackTargets', () => {
  it('lists earlier tags and why one cannot be chosen', () => {
    const facts = registryOf(tags.production1);
    const fleet = deriveFleet(facts);
    const placement = fleet.environments[1]?.placements[0];
    assert.ok(placement !== undefined);
    assert.deepEqual(
      rollbackTargets(fleet, facts, placement).map(({ tag, obstacle }) => [tag, obstacle]),
      [[tags.production0, 'it is not in the registry']],
    );
  });
});
