import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { rowsByEnvironment } from '../../../src/fleet/rows';
import { rowsByService } from '../../../src/fleet/rowsByService';
import { now, shopFacts } from './shop';

describe('rowsByService', () => {
  const fleet = deriveFleet(shopFacts());

  it('puts the environments of a service under it, in promotion order', () => {
    const [backend, ...others] = rowsByService(fleet, now);
    assert.deepEqual(others, []);
    assert.deepEqual([backend?.label, backend?.description, backend?.state], ['backend', '2 environments', 'done']);
    assert.deepEqual(
      backend?.children.map(({ label }) => label),
      ['staging', 'production'],
    );
  });

  it('offers the same rows as the view by environment, under other names', () => {
    const byService = rowsByService(fleet, now).flatMap(({ children }) => children);
    const byEnvironment = rowsByEnvironment(fleet, now).flatMap(({ children }) => children);
    assert.deepEqual(
      byService,
      byEnvironment.map((row) => ({ ...row, label: row.placement?.environment })),
    );
  });
});
