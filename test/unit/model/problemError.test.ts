import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ProblemError } from '../../../src/model/problem';

/** The class as another bundle carries it: the same source, evaluated again. */
function anotherCopy(): typeof ProblemError {
  const path = require.resolve('../../../src/model/problem');
  const kept = require.cache[path];
  delete require.cache[path];
  try {
    return (require(path) as { readonly ProblemError: typeof ProblemError }).ProblemError;
  } finally {
    require.cache[path] = kept;
  }
}

class Special extends ProblemError {}

const problem = { code: 'lab-missing', message: 'There is no practice lab.' } as const;

describe('ProblemError', () => {
  it('recognises what another bundle threw', () => {
    const Other = anotherCopy();
    assert.notEqual(Other, ProblemError);
    assert.ok(new Other(problem) instanceof ProblemError);
    assert.ok(new ProblemError(problem) instanceof Other);
  });

  it('is no wider than that', () => {
    assert.ok(new Special(problem) instanceof ProblemError);
    assert.ok(new Special(problem) instanceof Special);
    assert.ok(!(new ProblemError(problem) instanceof Special));
    for (const value of [new Error('x'), { problem }, undefined, null, 'x'])
      assert.ok(!((value as unknown) instanceof ProblemError));
  });
});
