import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hearWitnesses } from '../../../src/fleet/explain/enrich';
import { ProblemError } from '../../../src/model/problem';
import { failing, objectsWith } from './edits';
import { explained } from './explained';
import { shopFacts } from './shop';

describe('an explanation whose witnesses are silent', () => {
  it('says what it may not see, and why', async () => {
    const objects = objectsWith('ImagePolicy production/backend', failing('Failure', 'x'));
    const problem = { code: 'cluster-forbidden', message: 'You may not get pods/log in flux-system.' } as const;
    const refuse = () => Promise.reject(new ProblemError(problem));
    const { faults, unseen } = await hearWitnesses(
      explained(shopFacts({ objects })),
      { events: refuse, log: refuse, lastCommit: refuse },
      (error) => (error instanceof ProblemError ? error.problem : assert.fail()),
    );
    assert.equal(faults.length, 1);
    assert.deepEqual(
      unseen.map(({ message }) => message),
      [
        `Events are not shown: ${problem.message}`,
        `The log of image-reflector-controller is not shown: ${problem.message}`,
        `The last change of the file is not shown: ${problem.message}`,
      ],
    );
  });
});
