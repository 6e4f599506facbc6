import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hearWitnesses } from '../../../src/fleet/explain/enrich';
import { objectsWith } from './edits';
import { explained } from './explained';
import { commit, minute, now, shopFacts, tip } from './shop';

describe('the commit that changed the file at fault', () => {
  const revert = async (minutesAgo: number): Promise<boolean> => {
    const began = new Date(now - 10 * minute).toISOString();
    const condition = {
      type: 'Ready',
      status: 'False',
      reason: 'Failure',
      message: 'version list argument cannot be empty',
    };
    const objects = objectsWith('ImagePolicy production/backend', {
      conditions: [{ ...condition, lastTransitionTime: began }],
    });
    const made = { ...commit('d'.repeat(40), minutesAgo, 'ann'), parents: [tip] };
    const said = await hearWitnesses(
      explained(shopFacts({ objects })),
      { lastCommit: () => Promise.resolve(made) },
      () => assert.fail(),
    );
    return said.faults[0]?.steps.some(({ command }) => command.includes('git revert')) === true;
  };

  it('is offered to be undone only where it may have caused the fault', async () => {
    assert.equal(await revert(12), true);
    assert.equal(await revert(1440), false, 'made long before, or the one before the clone has seen the cause');
  });
});
