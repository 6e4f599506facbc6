import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import {
  deriveOutcome,
  deriveStandstill,
  type Expectation,
  isPatienceOver,
  type Outcome,
  type Standstill,
} from '../../../src/fleet/outcome';
import type { TagChange } from '../../../src/model/facts';
import { failed } from '../../../src/model/reading';
import { change, commit, editObject, minute, now, productionHistory, shopFacts, shopObjects, tags } from './shop';

const expectation: Expectation = { tag: tags.production1, from: tags.production0, since: now - minute, calmMs: 5000 };

function outcome(history: readonly TagChange[], change_: Partial<Expectation> = {}, at = now) {
  const placement = deriveFleet(shopFacts({ history })).environments[1]?.placements[0];
  assert.ok(placement !== undefined);
  return deriveOutcome(placement, { ...expectation, ...change_ }, at);
}

describe('deriveOutcome', () => {
  it('is no success before the calm has lasted', () => {
    const since = now - minute;
    assert.deepEqual(outcome(productionHistory, {}, since + 4999), { state: 'settling', since, until: since + 5000 });
    assert.deepEqual(outcome(productionHistory, {}, since + 5000), { state: 'held', since });
  });

  it('counts the calm from the write-back', () => {
    const written = [
      change(tags.production1, tags.production0, commit('e'.repeat(40), 0)),
      ...productionHistory.slice(1),
    ];
    assert.equal(outcome(written).state, 'settling');
  });

  it('waits for the first thing that does not agree', () => {
    assert.deepEqual(outcome(productionHistory, { tag: 'production-v9', from: tags.production1 }), {
      state: 'on its way',
      waitingFor: 'the policy to select production-v9',
    });
  });

  it('says which link of the chain fails', () => {
    const status = {
      observedGeneration: 1,
      conditions: [{ type: 'Ready', status: 'False', reason: 'ReadOperationFailed', message: 'timeout' }],
    };
    const objects = editObject(shopObjects(), 'ImageRepository flux-system/backend', (object) => ({
      ...object,
      status,
    }));
    const placement = deriveFleet(shopFacts({ objects })).environments[1]?.placements[0];
    assert.ok(placement !== undefined);
    assert.deepEqual(deriveOutcome(placement, { ...expectation, tag: tags.production0, from: tags.production1 }, now), {
      state: 'failed',
      link: 'scanned',
      reason: 'scanned: ReadOperationFailed: timeout',
    });
    assert.equal(deriveOutcome(placement, expectation, now).state, 'failed');
    assert.equal(deriveOutcome(placement, { ...expectation, by: 'pin' }, now).state, 'held');
  });

  it('says who undid it', () => {
    const undone = [
      change(tags.production1, tags.production0, commit('e'.repeat(40), 0)),
      change(tags.production0, tags.production1, commit('d'.repeat(40), 1)),
    ];
    const broughtBy = 'b'.repeat(40);
    assert.deepEqual(outcome(undone, { tag: tags.production0, from: tags.production1, broughtBy }), {
      state: 'undone',
      commit: 'e'.repeat(40),
      by: 'bot',
    });
  });

  it('says what overtook it', () => {
    assert.deepEqual(outcome(productionHistory, { tag: tags.production0, from: 'production-v7' }), {
      state: 'overtaken',
      tag: tags.production1,
    });
  });

  it('does not take the tag that is still written for one that came back', () => {
    const broughtBy = 'b'.repeat(40);
    const still = outcome(productionHistory, { tag: tags.production0, from: tags.production1, broughtBy });
    assert.equal(still.state, 'on its way');
  });
});

describe('patience', () => {
  const standstill = { text: 'waiting', since: now };
  it('begins again with every change', () => {
    assert.equal(deriveStandstill(standstill, 'waiting', now + 5), standstill);
    assert.deepEqual(deriveStandstill(standstill, 'other', now + 5), { text: 'other', since: now + 5 });
  });
  it('lasts longer for what is on its way than for a failure, and than for what is missing', () => {
    const failure = { state: 'failed', link: 'scanned', reason: 'no' } as const;
    const going = { state: 'on its way', waitingFor: 'it' } as const;
    const over = (outcome: Outcome | undefined, minutes: number) =>
      isPatienceOver(standstill, outcome, {}, now + minutes * minute);
    assert.deepEqual([over(undefined, 0.4), over(undefined, 0.5)], [false, true]);
    assert.deepEqual([over(failure, 9), over(failure, 10)], [false, true]);
    assert.deepEqual([over(going, 29), over(going, 30)], [false, true]);
  });

  it('does not wait for what there is another way around', () => {
    const over = (link: 'scanned' | 'applied', seconds: number) =>
      isPatienceOver(
        standstill,
        { state: 'failed', link, reason: 'no' },
        { avoidable: 'scanned' },
        now + seconds * 1000,
      );
    assert.deepEqual([over('scanned', 29), over('scanned', 30), over('applied', 30)], [false, true, false]);
  });

  it('outlasts an outage, and the 90 seconds in which Flux may not answer a request after one', () => {
    const facts = shopFacts({ history: productionHistory });
    const lost = { code: 'cluster-unreachable', message: 'No answer.' } as const;
    const cluster = facts.clusters.get('lab');
    assert.ok(cluster !== undefined);
    const silent = {
      ...cluster,
      imagePolicies: failed(cluster.imagePolicies, lost),
      kustomizations: failed(cluster.kustomizations, lost),
      deployments: failed(cluster.deployments, lost),
    };
    const wanted = { ...expectation, tag: 'production-v9', from: tags.production1 };
    let standstill: Standstill | undefined;
    const states = new Set<string>();
    for (let second = 0; second <= 60 + 90; second += 1) {
      const at = now + second * 1000;
      const seen = { ...facts, clusters: new Map([['lab', second < 60 ? silent : cluster]]) };
      const placement = deriveFleet(seen).environments[1]?.placements[0];
      assert.ok(placement !== undefined);
      const outcome = deriveOutcome(placement, wanted, at);
      states.add(outcome.state);
      standstill = deriveStandstill(standstill, JSON.stringify(outcome), at);
      assert.equal(isPatienceOver(standstill, outcome, {}, at), false, `after ${second} s`);
    }
    assert.deepEqual([...states], ['on its way']);
  });
});
