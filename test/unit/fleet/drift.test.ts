import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import type { TagChange } from '../../../src/model/facts';
import type { Drift } from '../../../src/model/fleet';
import {
  change,
  commit,
  editObject,
  image,
  productionHistory,
  shopFacts,
  shopFiles,
  shopObjects,
  tags,
  tip,
} from './shop';

const before = 'b'.repeat(40);

/** The production workload runs `runs`; its Kustomization has applied and attempted these commits. */
function drift(
  runs: string,
  { applied, attempted }: { readonly applied: string; readonly attempted: string },
  history: readonly TagChange[] = productionHistory,
): Drift | undefined {
  const workload = editObject(shopObjects(), 'Deployment production/backend', (object) => ({
    ...object,
    spec: { replicas: 2, template: { spec: { containers: [{ name: 'app', image: `${image}:${runs}` }] } } },
  }));
  const objects = editObject(workload, 'Kustomization flux-system/apps-production', (object) => ({
    ...object,
    status: {
      ...(object['status'] as object),
      lastAppliedRevision: `main@sha1:${applied}`,
      lastAttemptedRevision: `main@sha1:${attempted}`,
    },
  }));
  return deriveFleet(shopFacts({ objects, history })).environments.at(-1)?.placements[0]?.drift;
}

describe('a workload with two containers of the image', () => {
  it('has drifted where one of them has', () => {
    const file = 'apps/base/deployment.yaml';
    const second = `        - name: worker\n          image: ${image}:latest\n`;
    const files = { ...shopFiles(), [file]: `${shopFiles()[file] ?? ''}${second}` };
    const containers = [
      { name: 'app', image: `${image}:${tags.production1}` },
      { name: 'worker', image: `${image}:hotfix` },
    ];
    const objects = editObject(shopObjects(), 'Deployment production/backend', (object) => ({
      ...object,
      spec: { replicas: 2, template: { spec: { containers } } },
    }));
    const found = deriveFleet(shopFacts({ files, objects })).environments.at(-1)?.placements[0]?.drift;
    assert.deepEqual([found?.container, found?.found], ['worker', `${image}:hotfix`]);
  });
});

describe('a rollout on its way', () => {
  it('is no drift at a revision that this clone has not fetched', () => {
    assert.equal(drift('production-v9', { applied: tip, attempted: 'f'.repeat(40) }), undefined);
  });
  it('is no drift at what the branch said after the applied revision', () => {
    const history = [change(tags.production1, tags.production0, commit(tip, 5)), ...productionHistory.slice(1)];
    assert.equal(drift(tags.production1, { applied: before, attempted: before }, history), undefined);
    assert.equal(drift(tags.production0, { applied: before, attempted: tip }, history), undefined);
  });
  it('does not hide a tag that the branch never said', () => {
    assert.equal(drift('hotfix', { applied: before, attempted: tip })?.found, `${image}:hotfix`);
  });
});
