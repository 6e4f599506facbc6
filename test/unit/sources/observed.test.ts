import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ImageUpdateAutomation } from '../../../src/model/flux';
import { known, valueOf } from '../../../src/model/reading';
import { isBehind } from '../../../src/sources/observed';
import { commit, now, shopFacts, tip } from '../fleet/shop';

const newer = 'd'.repeat(40);

/** Whether the shop's clone is behind, where its cluster says this of GitRepository and automation. */
function behind(revision: string, pushed: Partial<ImageUpdateAutomation>): boolean {
  const { repositories, clusters } = shopFacts();
  const [repository] = repositories;
  const cluster = clusters.get('lab');
  assert.ok(repository !== undefined && cluster !== undefined);
  const [source] = valueOf(cluster.gitRepositories) ?? [];
  const [automation] = valueOf(cluster.imageUpdateAutomations) ?? [];
  assert.ok(source !== undefined && automation !== undefined);
  return isBehind(repository, [
    {
      gitRepositories: known([{ ...source, artifact: { revision } }], now),
      imageUpdateAutomations: known([{ ...automation, ...pushed }], now),
    },
  ]);
}

describe('a clone that is behind', () => {
  const own = `main@sha1:${tip}`;
  const { at } = commit(tip, 5);

  it('is told by what the cluster has fetched, and by what its automation has pushed', () => {
    assert.equal(behind(own, {}), false);
    assert.equal(behind(`main@sha1:${newer}`, {}), true);
    assert.equal(behind(own, { lastPushCommit: newer, lastPushAt: at + 1000 }), true);
    assert.equal(behind(own, { lastPushCommit: tip, lastPushAt: at }), false);
  });

  it('is not told by an old push that nobody remembers, by another branch, or by another source', () => {
    assert.equal(behind(own, { lastPushCommit: newer, lastPushAt: at - 1000 }), false);
    assert.equal(behind(own, { lastPushCommit: newer }), false);
    assert.equal(behind(own, { lastPushCommit: newer, lastPushAt: at, pushBranch: 'proposals' }), false);
    const sourceRef = { kind: 'GitRepository', namespace: 'elsewhere', name: 'flux-system' };
    assert.equal(behind(own, { lastPushCommit: newer, lastPushAt: at, sourceRef }), false);
  });
});
