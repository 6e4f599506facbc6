// A promotion whose run has ended is looked for along the chain, though nothing in the cluster speaks of it yet.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { linkText } from '../../../src/fleet/rowTexts';
import type { WorkflowRun } from '../../../src/model/facts';
import type { Placement } from '../../../src/model/fleet';
import { known } from '../../../src/model/reading';
import { editObject, minute, now, type Shop, shopFacts, shopForge, shopObjects, tags } from './shop';

const target = tags.staging2.replace('staging', 'production');

function run(change: Partial<WorkflowRun> = {}): WorkflowRun {
  return {
    id: 7,
    url: 'https://forge/7',
    workflow: '.github/workflows/promote-production.yml',
    title: `Promote ${tags.staging2} to production`,
    state: 'succeeded',
    createdAt: now - 3 * minute,
    updatedAt: now - 2 * minute,
    steps: [],
    ...change,
  };
}

function place(shop: Shop): Placement {
  const placement = deriveFleet(shopFacts(shop))
    .environments.at(-1)
    ?.placements.find(({ service }) => service === 'backend');
  assert.ok(placement !== undefined);
  return placement;
}

/** The links that are not done. */
function open({ chain }: Placement): readonly string[] {
  return chain.flatMap((one) => (one.link.state === 'done' ? [] : [`${one.name} ${linkText(one)}`]));
}

const promoted = (change: Partial<WorkflowRun> = {}) => known({ ...shopForge, runs: [run(change)] }, now);
const registry = (at: number, ...more: readonly string[]) =>
  known({ tags: [...Object.values(tags), ...more], digests: new Map() }, at);

describe('the tag that a run promises', () => {
  it('is known while the run goes on, and holds nothing up', () => {
    const placement = place({ forge: promoted({ state: 'running' }) });
    assert.equal(placement.promised, target);
    assert.deepEqual(open(placement), ['built waiting: run 7 is running']);
  });

  it('is waited for in the registry, until a list that is a minute younger than the run lacks it', () => {
    const late = place({ forge: promoted(), registry: registry(now - 3 * minute) });
    assert.deepEqual(open(late), [`published waiting: run 7 has succeeded, ${target} is not seen in the registry yet`]);
    const missing = place({ forge: promoted(), registry: registry(now) });
    assert.deepEqual(open(missing), [`published failed: ghcr.io/acme/backend:${target} is not in the registry`]);
  });

  it('is waited for at the policy, or said to lose or to be excluded', () => {
    const there = { forge: promoted(), registry: registry(now, target) };
    assert.deepEqual(open(place(there)), [
      `selected waiting: ${target} would win, the policy still selects ${tags.production1}`,
    ]);
    const objects = editObject(shopObjects(), 'ImageRepository flux-system/backend', (object) => ({
      ...object,
      spec: { ...(object['spec'] as object), exclusionList: [`^${target}$`] },
    }));
    assert.deepEqual(open(place({ ...there, objects })), [
      `scanned failed: ${target} is excluded by the ImageRepository: ^${target}$`,
    ]);
    const narrow = editObject(shopObjects(), 'ImagePolicy production/backend', (object) => ({
      ...object,
      spec: { ...(object['spec'] as object), filterTags: { pattern: '^prod-' } },
    }));
    assert.deepEqual(open(place({ ...there, objects: narrow })), [
      `selected failed: the policy does not take ${target}`,
    ]);
  });

  it('is forgotten once it has arrived, and where it is not told or was never made', () => {
    const arrived = editObject(shopObjects(), 'ImagePolicy production/backend', (object) => ({
      ...object,
      status: { ...(object['status'] as object), latestRef: { name: 'ghcr.io/acme/backend', tag: target } },
    }));
    for (const shop of [
      { forge: promoted(), registry: registry(now, target), objects: arrived },
      { forge: promoted({ title: 'Promote to production' }) },
      { forge: promoted({ state: 'failed' }) },
      { forge: promoted({ state: 'cancelled' }) },
      {},
    ]) {
      assert.equal(place(shop).promised, undefined);
    }
  });
});
