import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BranchFetch, type FetchBranch } from '../../../src/editor/branchFetch';
import { type ProblemCode, ProblemError } from '../../../src/model/problem';

const { signal } = new AbortController();

function begin(byGit: ProblemCode | 'works', byEditor: ProblemCode | 'works' | 'absent') {
  const asked: string[] = [];
  const way =
    (name: string, outcome: string): FetchBranch =>
    async () => {
      asked.push(name);
      if (outcome !== 'works') throw new ProblemError({ code: outcome as ProblemCode, message: name });
    };
  const fetches = new BranchFetch({
    byGit: way('git', byGit),
    byEditor: async () => (byEditor === 'absent' ? undefined : way('editor', byEditor)),
  });
  const fetch = async (folder = '/a'): Promise<string> => {
    try {
      await fetches.fetch(folder, 'origin', 'main', signal);
      return 'done';
    } catch (error) {
      assert.ok(error instanceof ProblemError);
      return `${error.problem.code} by ${error.problem.message}`;
    }
  };
  return { asked, fetch, demand: (folder?: string) => fetches.onDemand(() => fetch(folder)) };
}

describe('BranchFetch', () => {
  it('leaves the editor alone while Git can fetch by itself', async () => {
    const { asked, demand } = begin('works', 'works');
    assert.equal(await demand(), 'done');
    assert.deepEqual(asked, ['git']);
  });

  it('never asks in the background before the user has', async () => {
    const { asked, fetch } = begin('git-auth', 'works');
    assert.equal(await fetch(), 'git-auth by git');
    assert.deepEqual(asked, ['git']);
  });

  it('asks while the user waits, and goes on by that login for that clone', async () => {
    const { fetch, demand } = begin('git-auth', 'works');
    assert.equal(await demand(), 'done');
    assert.equal(await fetch(), 'done');
    assert.equal(await fetch('/b'), 'git-auth by git');
  });

  const troubles: readonly (readonly [ProblemCode, ProblemCode | 'absent', string])[] = [
    ['git-failed', 'git-auth', 'git-failed by git'],
    ['git-auth', 'absent', 'git-auth by git'],
    ['git-auth', 'git-failed', 'git-failed by editor'],
  ];
  for (const [byGit, byEditor, says] of troubles) {
    it(`says ${says}`, async () => assert.equal(await begin(byGit, byEditor).demand(), says));
  }
});
