import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hearWitnesses } from '../../../src/fleet/explain/enrich';
import { objectsWith } from './edits';
import { explained } from './explained';
import { commit, minute, now, shopFacts, tip } from './shop';

const began = new Date(now - 10 * minute).toISOString();
const condition = {
  type: 'Ready',
  status: 'False',
  reason: 'Failure',
  message: 'version list argument cannot be empty',
};
const broken = objectsWith('ImagePolicy production/backend', {
  conditions: [{ ...condition, lastTransitionTime: began }],
});

describe('the commit that changed the file at fault', () => {
  const revert = async (minutesAgo: number): Promise<boolean> => {
    const made = { ...commit('d'.repeat(40), minutesAgo, 'ann'), parents: [tip] };
    const said = await hearWitnesses(
      explained(shopFacts({ objects: broken })),
      { lastCommit: () => Promise.resolve(made) },
      () => assert.fail(),
    );
    return said.faults[0]?.steps.some(({ command }) => command.includes('git revert')) === true;
  };

  it('is taken back by an edit where its text before is known', async () => {
    const file = 'apps/production/image.yaml';
    const undone = { file, before: 'pattern: ^prod-', after: 'pattern: ^production-' };
    const made = { ...commit('d'.repeat(40), 12, 'ann'), parents: [tip] };
    const asked: string[] = [];
    const { faults } = await hearWitnesses(
      explained(shopFacts({ objects: broken })),
      {
        lastCommit: () => Promise.resolve(made),
        undo: (of, { hash }) => {
          asked.push(`${hash.slice(0, 7)} ${of}`);
          return Promise.resolve(undone);
        },
      },
      () => assert.fail(),
    );
    assert.deepEqual(asked, [`ddddddd ${file}`]);
    assert.deepEqual(faults[0]?.repair, [undone]);
    assert.deepEqual(faults[0]?.remedy, { text: `Take back what ddddddd changed in ${file}.`, command: 'repair' });
  });

  it('is offered to be undone only where it may have caused the fault', async () => {
    assert.equal(await revert(12), true);
    assert.equal(await revert(1440), false, 'made long before, or the one before the clone has seen the cause');
  });
});
