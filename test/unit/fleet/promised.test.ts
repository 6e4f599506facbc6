// A promotion whose run has ended is looked for along the chain, though nothing in the cluster speaks of it yet.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { linkText } from '../../../src/fleet/rowTexts';
import type { WorkflowRun } from '../../../src/model/facts';
import type { Placement } from '../../../src/model/fleet';
import { known } from '../../../src/model/reading';
import { explained } from './explained';
import {
  change,
  commit,
  editObject,
  minute,
  now,
  type Shop,
  shopFacts,
  shopFiles,
  shopForge,
  shopObjects,
  tags,
} from './shop';

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

  it('is looked for under the other names that it may have', () => {
    const short = tags.staging2.replace('staging', 'prod');
    const says = [`selected failed: the policy does not take ${short}`];
    const there = registry(now, short);
    assert.deepEqual(open(place({ forge: promoted(), registry: there })), says);
    assert.deepEqual(open(place({ forge: promoted({ title: 'Promote' }), registry: there })), says);
    const behind = `${tags.staging2.replace('staging-', '')}-prod`;
    assert.deepEqual(open(place({ forge: promoted(), registry: registry(now, behind) })), [
      `selected failed: the policy does not take ${behind}`,
    ]);
    const elsewhere = registry(now, tags.staging2.replace('staging', 'develop'));
    assert.deepEqual(open(place({ forge: promoted(), registry: elsewhere })), [
      `published failed: ghcr.io/acme/backend:${target} is not in the registry`,
    ]);
  });

  it('has lost where it was here before and another wins', () => {
    const title = `Promote ${tags.staging1} to production`;
    const history = [
      change(tags.production1, tags.production0, commit('b'.repeat(40), 60)),
      change(tags.production0, undefined, commit('a'.repeat(40), 600)),
    ];
    const objects = editObject(shopObjects(), 'ImagePolicy production/backend', (object) => ({
      ...object,
      status: { ...(object['status'] as object), latestRef: { name: 'ghcr.io/acme/backend', tag: target } },
    }));
    const late = [change(target, tags.production1, commit('d'.repeat(40), 30)), ...history];
    const files = Object.fromEntries(
      Object.entries(shopFiles()).map(([file, text]) => [file, text.replace(tags.production1, target)]),
    );
    const running = editObject(objects, 'Deployment production/backend', (object) => ({
      ...object,
      spec: {
        replicas: 2,
        template: { spec: { containers: [{ name: 'app', image: `ghcr.io/acme/backend:${target}` }] } },
      },
    }));
    const shop = {
      files,
      objects: running,
      history: late,
      forge: promoted({ title }),
      registry: registry(now, target),
    };
    assert.deepEqual(open(place(shop)), [
      `selected failed: ${target} wins over ${tags.production1} by numerical order`,
    ]);
    assert.deepEqual(
      open(place({ ...shop, history: [change(tags.production1, target, commit('e'.repeat(40), 2)), ...late] })),
      [],
    );
  });

  it('is missed where the run names none and nothing came of it', () => {
    const fruitless = { forge: promoted({ title: 'Promote' }) };
    assert.deepEqual(open(place({ ...fruitless, registry: registry(now) })), [
      'published failed: run 7 has succeeded, and no tag that could come here is in the registry',
    ]);
    // Written since it began, or before: what it was for has come, or was here.
    const since = [change(tags.production1, tags.production0, commit('b'.repeat(40), 2.5))];
    const before = [change(target, tags.production0, commit('b'.repeat(40), 60))];
    for (const history of [since, before]) {
      assert.deepEqual(open(place({ ...fruitless, registry: registry(now), history })), []);
    }
  });

  it('is not told as delivered where nobody knows what it was', () => {
    const quiet = (shop: Shop) => explained(shopFacts(shop)).noticed.map(({ text }) => text);
    const forge = promoted({ title: `Promote ${tags.staging1} to production` });
    assert.deepEqual(quiet({ forge, registry: registry(now) }), [
      'run 7 of the promotion has succeeded, and nothing was written into production since',
    ]);
    const history = [change(tags.production1, tags.production0, commit('b'.repeat(40), 2.5))];
    assert.deepEqual(quiet({ forge, registry: registry(now), history }), []);
  });

  it('is forgotten once it has arrived, and where it is not told or was never made', () => {
    const arrived = editObject(shopObjects(), 'ImagePolicy production/backend', (object) => ({
      ...object,
      status: { ...(object['status'] as object), latestRef: { name: 'ghcr.io/acme/backend', tag: target } },
    }));
    for (const shop of [
      // The list of tags is no younger than the run.
      { forge: promoted({ title: 'Promote to production' }), registry: registry(now - 2 * minute) },
      { forge: promoted(), registry: registry(now, target), objects: arrived },
      { forge: promoted({ state: 'failed' }) },
      { forge: promoted({ state: 'cancelled' }) },
      {},
    ]) {
      assert.equal(place(shop).promised, undefined);
    }
  });
});
