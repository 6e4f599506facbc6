import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { deliveryLateness, latenessText, usualRolloutMs, usualRunMs, usualWriteMs } from '../../../src/fleet/usual';
import type { TagChange, WorkflowRun } from '../../../src/model/facts';
import type { ReplicaSet } from '../../../src/model/flux';
import { known } from '../../../src/model/reading';
import { change, commit, image, minute, now, shopFacts, shopForge, tags } from './shop';

const path = '.github/workflows/promote-production.yml';
const workload = { kind: 'Deployment', namespace: 'production', name: 'backend' };

/** Begun so many minutes ago, ended so many. */
function run(id: number, from: number, to: number): WorkflowRun {
  const times = { createdAt: now - from * minute, updatedAt: now - to * minute };
  return { id, url: `https://forge/${id}`, workflow: path, state: 'succeeded', steps: [], ...times };
}

function replicaSet(tag: string, minutesAgo: number): ReplicaSet {
  const owners = [{ kind: 'Deployment', name: 'backend', uid: 'u', isController: true }];
  const meta = {
    name: `backend-${minutesAgo}`,
    namespace: 'production',
    labels: {},
    annotations: {},
    owners,
    managedFields: [],
    createdAt: now - minutesAgo * minute,
  };
  const containers = [{ name: 'app', image: `${image}:${tag}` }];
  return { kind: 'ReplicaSet', meta, containers, replicas: 1, readyReplicas: 1 };
}

/** Newest first: written 1, 2 and 6 minutes after the runs, running 1, 1 and 3 minutes after that. */
const runs = [run(3, 110, 100), run(2, 210, 200), run(1, 310, 300)];
const history: readonly TagChange[] = [
  change('v3', 'v2', commit('3'.repeat(40), 99)),
  change('v2', 'v1', commit('2'.repeat(40), 198)),
  change('v1', undefined, commit('1'.repeat(40), 294)),
];
const replicaSets = [replicaSet('v3', 98), replicaSet('v2', 197), replicaSet('v1', 291)];

describe('what is usual for a service', () => {
  it('is the median of at least three of each part', () => {
    assert.equal(usualRunMs(runs, { path }), 10 * minute);
    assert.equal(usualWriteMs(runs, { path }, history), 2 * minute);
    assert.equal(usualRolloutMs(history, workload, replicaSets), minute);
    assert.equal(usualWriteMs(runs.slice(1), { path }, history), undefined);
    assert.equal(usualRolloutMs(history.slice(1), workload, replicaSets), undefined);
    assert.equal(usualRolloutMs(history, { ...workload, name: 'frontend' }, replicaSets), undefined);
  });

  it('counts no write-back twice, and none for a run that was overtaken before it', () => {
    const twice = [run(4, 104, 103), ...runs];
    assert.equal(usualWriteMs(twice, { path }, history), 4 * minute);
    assert.equal(usualWriteMs([run(3, 110, 100), run(2, 112, 111), run(1, 114, 113)], { path }, history), undefined);
  });

  it('ignores a ReplicaSet that is older than the write-back: it was scaled up again', () => {
    const again = [change('v1', 'v3', commit('4'.repeat(40), 10)), ...history];
    assert.equal(usualRolloutMs(again, workload, replicaSets), minute);
  });

  it('is said of half as long again, and of no few seconds', () => {
    assert.equal(latenessText(3.1 * minute, 2 * minute), ', longer than the usual 2 min');
    assert.equal(latenessText(2.9 * minute, 2 * minute), '');
    assert.equal(latenessText(6_000, 2_000), '');
    assert.equal(latenessText(minute, undefined), '');
  });

  it('is said of the write-back after the run, and of the rollout after the write-back', () => {
    const waiting = { ...run(4, 30, 20), title: `Promote ${tags.staging2} to production` };
    const facts = (timeline: readonly TagChange[]) =>
      shopFacts({ forge: known({ ...shopForge, runs: [waiting, ...runs] }, now), history: timeline });
    const late = (timeline: readonly TagChange[], tag: string) => {
      const shop = facts(timeline);
      const lab = shop.clusters.get('lab');
      assert.ok(lab !== undefined);
      const all = { ...shop, clusters: new Map([['lab', { ...lab, replicaSets: known(replicaSets, now) }]]) };
      const placement = deriveFleet(all).environments.at(-1)?.placements[0];
      assert.ok(placement !== undefined);
      return deliveryLateness(all, placement, { tag, since: now - 30 * minute }, now);
    };
    assert.equal(late(history, 'production-new'), ', longer than the usual 2 min');
    const written = change(tags.production1, 'v3', commit('5'.repeat(40), 5));
    assert.equal(late([written, ...history], tags.production1), ', longer than the usual 1 min');
    const fresh = change(tags.production1, 'v3', commit('5'.repeat(40), 1));
    assert.equal(late([fresh, ...history], tags.production1), '');
  });
});
