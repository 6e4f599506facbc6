import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { forgejoDialect, giteaDialect, gitHubDialect } from '../../../src/base/forge/dialect';
import { decodeApprovals, decodePull, decodeRepository } from '../../../src/base/forge/records';
import { type ForgeKind, forgeKindOf } from '../../../src/model/settings';

describe("forges that speak GitHub's language", () => {
  const kinds: readonly (readonly [string, ForgeKind])[] = [
    ['https://api.github.com', 'github'],
    ['http://127.0.0.1:3000', 'github'],
    ['https://github.acme.test/api/v3', 'github-enterprise'],
    ['https://git.acme.test/api/v1/', 'gitea'],
    ['https://gitlab.acme.test/api/v4', 'gitlab'],
  ];
  for (const [api, kind] of kinds) it(`${api} is ${kind}`, () => assert.equal(forgeKindOf(api), kind));

  it("takes a queued run of Gitea's, which has not begun", () => {
    const run = giteaDialect.decodeRun({ id: 3, path: 'promote.yml@refs/heads/main', status: 'queued' }, []);
    assert.deepEqual([run?.workflow, run?.state, run?.createdAt], ['promote.yml', 'queued', 0]);
  });

  it("takes Forgejo's states in one word", () => {
    const states = ['waiting', 'running', 'success', 'failure', 'cancelled', 'blocked'].map(
      (status) => forgejoDialect.decodeRun({ id: 1, status, workflow_id: 'promote.yml' }, [])?.state,
    );
    assert.deepEqual(states, ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'waiting']);
  });

  it("tells from a branch's rules whether a push is refused", () => {
    const rules = [{ type: 'pull_request' }, { type: 'merge_queue' }, { type: 'required_signatures' }];
    assert.deepEqual(gitHubDialect.decodeRules(rules), {
      needsPull: true,
      rules: ['a pull request', 'a merge queue'],
    });
    assert.equal(gitHubDialect.decodeRules([{ type: 'required_signatures' }]).needsPull, false);
    assert.equal(gitHubDialect.decodeRules(undefined).needsPull, false);
    assert.equal(giteaDialect.decodeRules({ protected: true, user_can_push: false }).needsPull, true);
    assert.equal(giteaDialect.decodeRules({ protected: true, user_can_push: true }).needsPull, false);
  });

  it('reads pull requests, approvals and rights', () => {
    const pull = { number: 4, html_url: 'u', merge_commit_sha: 'abc' };
    assert.deepEqual(decodePull({ ...pull, state: 'open' }), { number: 4, url: 'u', state: 'open' });
    assert.deepEqual(decodePull({ ...pull, state: 'closed' }), { number: 4, url: 'u', state: 'closed' });
    assert.deepEqual(decodePull({ ...pull, state: 'closed', merged: true }), {
      number: 4,
      url: 'u',
      state: 'merged',
      mergeCommit: 'abc',
    });
    const pending = [{ environment: { id: 7, name: 'production' }, current_user_can_approve: true }, {}];
    assert.deepEqual(decodeApprovals(pending), [{ id: 7, name: 'production', mayApprove: true }]);
    assert.deepEqual(decodeRepository({ default_branch: 'main', permissions: { push: false } }), {
      defaultBranch: 'main',
      mayWrite: false,
    });
  });
});
