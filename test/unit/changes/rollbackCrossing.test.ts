// A rollback of a placement that another environment's policy writes: the repair goes along, or the tag would come back.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { planRepair } from '../../../src/changes/planRepair';
import { planRollback } from '../../../src/changes/planRollback';
import { rollbackTargets } from '../../../src/changes/rollbackTargets';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { explain } from '../../../src/fleet/explain/explanation';
import { historyKey } from '../../../src/model/facts';
import { known } from '../../../src/model/reading';
import { change, commit, now, productionHistory, shopFacts, shopFiles, tags } from '../fleet/shop';
import { intent, productionFile } from './rollbackShop';

const files = shopFiles();
files[productionFile] = (files[productionFile] ?? '')
  .replace(tags.production1, tags.staging2)
  .replace('"production:backend:tag"', '"staging:backend:tag"');
const history = [change(tags.staging2, tags.production1, commit('e'.repeat(40), 1)), ...productionHistory];
const shop = shopFacts({ files });
const facts = {
  ...shop,
  repositories: shop.repositories.map((one) => ({
    ...one,
    histories: new Map([[historyKey(productionFile, 'staging:backend:tag'), known(history, now)]]),
  })),
};
const fleet = deriveFleet(facts);
const placement = fleet.environments.at(-1)?.placements[0];
assert.ok(placement !== undefined);

describe('a rollback of another environment’s tag', () => {
  it('is offered beside the repair', () => {
    const [fault] = explain(facts, fleet, placement, now).faults;
    assert.deepEqual(
      [fault?.code, fault?.remedy.command, fault?.remedy.or?.command],
      ['marker-crosses', 'repair', 'rollBack'],
    );
    const plan = planRepair(facts, placement, explain(facts, fleet, placement, now).faults);
    assert.ok(plan.kind === 'commit');
    assert.doesNotMatch(plan.message, /Or roll back/);
  });

  it('is repaired only from the file that the explanation has seen', () => {
    const { faults } = explain(facts, fleet, placement, now);
    const old = faults.map((fault) => ({
      ...fault,
      repair: (fault.repair ?? []).map((one) => ({ ...one, before: `${one.before}\n` })),
    }));
    const plan = planRepair(facts, placement, old);
    assert.ok(plan.kind === 'refusal');
    assert.match(plan.reason, /is another one by now/);
  });

  it('can go back to the environment’s own tags, though the policy that writes the line takes none', () => {
    const targets = rollbackTargets(fleet, facts, placement);
    assert.equal(targets.find(({ tag }) => tag === tags.production1)?.obstacle, undefined);
  });

  it('writes the tag and mends the marker in one commit', () => {
    const ways = planRollback(fleet, facts, { ...intent, tag: tags.production1 });
    assert.ok(ways.kind === 'ways', JSON.stringify(ways));
    const plan = ways.recommended?.plan;
    assert.equal(ways.recommended?.name, 'repair');
    assert.deepEqual(ways.others, []);
    const after = plan?.changes.find(({ file }) => file === productionFile)?.after ?? '';
    assert.match(after, new RegExp(`${tags.production1} # \\{"\\$imagepolicy": "production:backend:tag"\\}`));
    assert.match(plan?.message ?? '', /Flux-Promote: rollback/);
  });

  it('refuses a tag that the repaired policy would not keep', () => {
    const refused = planRollback(fleet, facts, { ...intent, tag: tags.production0 });
    assert.ok(refused.kind === 'refusal');
    assert.match(refused.reason, new RegExp(`^Once it is repaired production/backend selects ${tags.production1}`));
    assert.match(refused.wayOut ?? '', /^Run Repair… first/);
  });
});
