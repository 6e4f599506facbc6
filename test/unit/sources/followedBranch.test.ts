import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { GitRepository } from '../../../src/model/flux';
import { followedBranch } from '../../../src/sources/followedBranch';

describe('followedBranch', () => {
  const repository = (url: string, branch: string, isReady = false): GitRepository => ({
    kind: 'GitRepository',
    meta: {
      name: 'x',
      namespace: 'flux-system',
      labels: {},
      annotations: {},
      owners: [],
      managedFields: [],
    },
    isSuspended: false,
    observedGeneration: 1,
    conditions: [],
    url,
    ref: { branch },
    intervalMs: 0,
    ...(isReady ? { artifact: { revision: 'x' } } : {}),
  });
  const origin = { name: 'origin', url: 'git@github.com:me/fork.git' };
  const upstream = { name: 'upstream', url: 'https://github.com/acme/gitops' };

  it('takes the remote that Flux fetches, whatever it is called', () => {
    const found = followedBranch([origin, upstream], [repository('ssh://git@github.com/acme/gitops.git', 'live')]);
    assert.deepEqual(found, { remote: upstream, branch: 'live' });
  });

  it('prefers what a controller has fetched', () => {
    const old = repository(upstream.url, 'old');
    assert.equal(followedBranch([upstream], [old, repository(upstream.url, 'live', true)])?.branch, 'live');
  });

  it('knows nothing without a match', () => {
    assert.equal(followedBranch([origin], [repository(upstream.url, 'live')]), undefined);
    assert.equal(followedBranch([], []), undefined);
  });
});
