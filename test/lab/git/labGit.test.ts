import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { runGit } from '../../../src/lab/git/labGit';

describe("the lab's git", () => {
  it('rejects with the reason of the signal that ends it, so that a time limit is told from a failure', async () => {
    const limit = new DOMException('too late', 'TimeoutError');
    await assert.rejects(runGit(['--version'], { signal: AbortSignal.abort(limit) }), (error) => error === limit);
  });
});
