import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { followRun, knownRuns, type StartedRun } from '../../../src/editor/followRun';
import type { Facts, RunState, WorkflowRun } from '../../../src/model/facts';
import { type ProblemCode, ProblemError } from '../../../src/model/problem';
import { known } from '../../../src/model/reading';
import { FakeClock, settled } from '../base/fakeClock';
import { image, now, shopFacts, shopForge } from '../fleet/shop';

const { signal } = new AbortController();
const plan = { image, workflow: 'promote-production.yml' };
const workflow = `.github/workflows/${plan.workflow}`;

function run(id: number, state: RunState, steps: WorkflowRun['steps'] = []): WorkflowRun {
  return { id, url: `https://forge/${id}`, workflow, state, createdAt: now, updatedAt: now, steps };
}

function factsWith(...runs: readonly WorkflowRun[]): Facts {
  return shopFacts({ forge: known({ ...shopForge, runs }, now) });
}

/** Answers one after another; the last one again and again. */
function follow(started: StartedRun, answers: readonly (WorkflowRun | ProblemCode)[], facts = factsWith()) {
  const clock = new FakeClock();
  const said: string[] = [];
  const asked: number[] = [];
  const world = {
    facts,
    refresh: async () => undefined,
    readRun: async (_image: string, id: number) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(id);
      if (typeof answer === 'string') throw new ProblemError({ code: answer, message: `The forge says ${answer}.` });
      return answer ?? run(id, 'queued');
    },
  };
  let end: unknown = 'on its way';
  followRun({ plan, run: started, world, clock, say: (message) => said.push(message) }, signal).then(
    () => (end = 'succeeded'),
    (error: unknown) => (end = error instanceof ProblemError ? error.problem : error),
  );
  const after = async (ms: number): Promise<unknown> => {
    await clock.advance(ms);
    await settled();
    return end;
  };
  return { after, said, asked };
}

describe('followRun', () => {
  it('tells the steps until the run has succeeded', async () => {
    const building = run(7, 'running', [{ name: 'Retag', state: 'running' }]);
    const { after, said } = follow({ id: 7 }, [run(7, 'queued'), building, run(7, 'succeeded')]);
    assert.equal(await after(3000), 'on its way');
    assert.equal(await after(3000), 'succeeded');
    assert.deepEqual(said, ['run 7 is queued', 'run 7: Retag', 'run 7 is succeeded']);
  });

  it('names the step that failed', async () => {
    const { after } = follow({ id: 7 }, [run(7, 'failed', [{ name: 'Retag', state: 'failed' }])]);
    assert.deepEqual(await after(0), {
      code: 'run-failed',
      message:
        'Run 7 failed at step "Retag". Whether it made the tag before that, and why it ended, its log says: https://forge/7',
    });
  });

  it('asks on while the forge is silent, and says so', async () => {
    const { after, said } = follow({ id: 7 }, ['forge-failed', 'forge-unreachable', run(7, 'succeeded')]);
    assert.equal(await after(6000), 'succeeded');
    assert.equal(said[0], 'started; The forge says forge-failed.');
  });

  it('stops where nobody may look', async () => {
    const { after } = follow({ id: 7 }, ['forge-unauthorized']);
    assert.deepEqual(await after(0), { code: 'forge-unauthorized', message: 'The forge says forge-unauthorized.' });
  });

  it('takes no older run for the one that was started', async () => {
    const old = factsWith(run(5, 'succeeded'));
    const before = knownRuns(old, image);
    const waiting = follow({ before }, [run(6, 'succeeded')], old);
    assert.equal(await waiting.after(9000), 'on its way');
    assert.deepEqual(waiting.asked, []);
    const found = follow({ before }, [run(6, 'succeeded')], factsWith(run(6, 'queued'), run(5, 'succeeded')));
    assert.equal(await found.after(0), 'succeeded');
    assert.deepEqual(found.asked, [6]);
  });
});
