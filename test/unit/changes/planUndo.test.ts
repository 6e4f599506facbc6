import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { planUndo } from '../../../src/changes/planUndo';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import type { Facts } from '../../../src/model/facts';
import { known } from '../../../src/model/reading';
import { editObject, image, now, shopFacts, shopObjects, tags } from '../fleet/shop';

const wanted = { service: 'backend', environment: 'production', tag: tags.production0 as string };

function plan(facts: Facts, change: Partial<typeof wanted> = {}) {
  return planUndo(deriveFleet(facts), facts, { ...wanted, ...change });
}

describe('planUndo', () => {
  it('runs the older tag in every container of the image, for the Deployment as it was seen', () => {
    const made = plan(shopFacts());
    assert.ok(made.kind === 'undo', JSON.stringify(made));
    assert.equal(made.context, 'lab');
    assert.deepEqual(made.undo, {
      deployment: { kind: 'Deployment', namespace: 'production', name: 'backend' },
      images: new Map([['app', `${image}:${tags.production0}`]]),
      generation: 1,
    });
    assert.match(made.summary.join('\n'), /lasts until Flux applies Git again.*roll back in Git as well/);
  });

  it('says that it ends the wait for the bad version', () => {
    const objects = editObject(shopObjects(), 'Kustomization flux-system/apps-production', (object) => ({
      ...object,
      status: {
        observedGeneration: 1,
        conditions: [{ type: 'Healthy', status: 'Unknown', reason: 'Progressing', message: '' }],
      },
    }));
    const made = plan(shopFacts({ objects }));
    assert.ok(made.kind === 'undo');
    assert.match(made.summary.join('\n'), /ends the wait of the Kustomization apps-production/);
  });

  for (const [name, facts, says, change] of [
    ['the tag that runs', () => shopFacts(), /runs production-v0\.0\.1.* already/, { tag: tags.production1 }],
    [
      'a tag that has left the registry',
      () => shopFacts({ registry: known({ tags: [tags.production1], digests: new Map() }, now) }),
      /not in the registry any more/,
      {},
    ],
    [
      'a workload that nobody sees',
      () => ({ ...shopFacts(), clusters: new Map() }),
      /no Deployment of it is seen in a cluster/,
      {},
    ],
  ] as const) {
    it(`refuses ${name}`, () => {
      const made = plan(facts(), change);
      assert.ok(made.kind === 'refusal', JSON.stringify(made));
      assert.match(made.reason, says);
    });
  }
});
