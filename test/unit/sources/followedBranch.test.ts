import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { GitRepository } from '../../../src/model/flux';
import { branchOf, followedBranch, repositoryIdentity } from '../../../src/sources/followedBranch';

describe('repositoryIdentity', () => {
  const same: readonly string[] = [
    'https://github.com/acme/gitops',
    'https://github.com/acme/gitops.git',
    'https://user:secret@GitHub.com/acme/gitops.git/',
    'ssh://git@github.com/acme/gitops.git',
    'ssh://git@github.com:443/acme/gitops',
    'git@github.com:acme/gitops.git',
    'github.com:acme/gitops',
  ];
  for (const url of same) it(url, () => assert.equal(repositoryIdentity(url), 'github.com/acme/gitops'));

  it('keeps others apart', () => {
    assert.notEqual(repositoryIdentity('https://github.com/acme/gitops2'), 'github.com/acme/gitops');
    assert.notEqual(repositoryIdentity('https://gitlab.com/acme/gitops'), 'github.com/acme/gitops');
    assert.equal(repositoryIdentity('/srv/git/x.git'), '/srv/git/x');
  });
});

describe('branchOf', () => {
  const cases: readonly (readonly [GitRepository['ref'], string | undefined])[] = [
    [{}, 'master'],
    [{ branch: 'main' }, 'main'],
    [{ name: 'refs/heads/trunk', branch: 'main' }, 'trunk'],
    [{ name: 'refs/tags/v1' }, undefined],
    [{ tag: 'v1', branch: 'main' }, undefined],
    [{ semver: '>=1' }, undefined],
    [{ commit: 'abc' }, undefined],
    [{ commit: 'abc', branch: 'main' }, 'main'],
  ];
  for (const [ref, branch] of cases) {
    it(JSON.stringify(ref), () => assert.equal(branchOf({ ref }), branch));
  }
});

describe('followedBranch', () => {
  const repository = (url: string, branch: string, isReady = false): GitRepository => ({
    kind: 'GitRepository',
    meta: {
      name: 'x',
      namespace: 'flux-system',
      isDeleting: false,
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
