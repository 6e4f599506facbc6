import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { GitRepository } from '../../../src/model/flux';
import { branchOf, repositoryIdentity } from '../../../src/model/repositoryIdentity';

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

  for (const url of ['http://localhost:8080/flux.git', 'http://127.0.0.1/flux', 'ssh://git@[::1]:22/flux.git']) {
    it(`${url} is on this machine`, () => assert.equal(repositoryIdentity(url), '127.0.0.1/flux'));
  }
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
