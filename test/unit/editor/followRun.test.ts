import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { StartedRun } from '../../../src/changes/applyDispatch';
import { followRun } from '../../../src/editor/followRun';
import type { Facts, RunState, WorkflowRun } from '../../../src/model/facts';
import { type ProblemCode, ProblemError } from '../../../src/model/problem';
import { known } from '../../../src/model/reading';
import { FakeClock, settled } from '../base/fakeClock';
import { image, now, shopFacts, shopForge } from '../fleet/shop';

const { signal } = new AbortController();
const source = { service: 'backend', environment: 'staging', tag: 'staging-v1' };
const plan = { image, workflow: 'promote-production.yml', source };
const workflow = `.github/workflows/${plan.workflow}`;

function run(id: number, state: RunState, steps: WorkflowRun['steps'] = []): WorkflowRun {
  return { id, url: `https://forge/${id}`, workflow, state, createdAt: now, updatedAt: now, steps };
}

function factsWith(...runs: readonly WorkflowRun[]): Facts {
  return shopFacts({ forge: known({ ...shopForge, runs }, now) });
}

interface Follow {
  readonly facts?: Facts;
  /** What the forge lists when it is asked which run began. */
  readonly listed?: readonly WorkflowRun[];
  readonly tail?: readonly string[];
}

/** Answers one after another; the last one again and again. */
function follow(
  started: StartedRun,
  answers: readonly (WorkflowRun | ProblemCode)[],
  { facts = factsWith(), listed = [], tail = [] }: Follow = {},
) {
  const clock = new FakeClock();
  const said: string[] = [];
  const asked: number[] = [];
  const waited: number[] = [];
  const world = {
    facts,
    readRuns: async () => listed,
    readRun: async (_image: string, id: number) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(id);
      if (typeof answer === 'string') throw new ProblemError({ code: answer, message: `The forge says ${answer}.` });
      return answer ?? run(id, 'queued');
    },
  };
  let end: unknown = 'on its way';
  followRun(
    {
      plan,
      run: started,
      world,
      clock,
      say: (message) => said.push(message),
      onWaiting: ({ id }) => waited.push(id),
      tail: async () => tail,
    },
    signal,
  ).then(
    () => (end = 'succeeded'),
    (error: unknown) => (end = error instanceof ProblemError ? error.problem : error),
  );
  const after = async (ms: number): Promise<unknown> => {
    await clock.advance(ms);
    await settled();
    return end;
  };
  return { after, said, asked, waited };
}

const seven = { id: 7, certainty: 'exact' } as const;

describe('followRun', () => {
  it('tells the steps until the run has succeeded', async () => {
    const building = run(7, 'running', [{ name: 'Retag', state: 'running' }]);
    const { after, said, asked } = follow(seven, [run(7, 'queued'), building, run(7, 'succeeded')]);
    assert.equal(await after(5000), 'on its way');
    assert.equal(await after(5000), 'succeeded');
    assert.deepEqual(said, ['run 7 is queued', 'run 7: Retag', 'run 7 is succeeded']);
    assert.equal(asked.length, 3);
  });

  it('names the step that failed, with what its log says', async () => {
    const lines = ['2026-01-01T00:00:00.000Z crane tag', '2026-01-01T00:00:01.000Z ##[error]manifest unknown'];
    const failure = run(7, 'failed', [{ name: 'Retag', state: 'failed' }]);
    const { after } = follow(seven, [failure], { tail: lines });
    assert.deepEqual(await after(0), {
      code: 'run-failed',
      message:
        'Run 7 failed at step "Retag". It says: manifest unknown Whether it made the tag before that, its log says: https://forge/7',
      cause: 'crane tag\n##[error]manifest unknown',
    });
  });

  it('asks on while the forge is silent, and says so', async () => {
    const { after, said } = follow(seven, ['forge-failed', 'forge-unreachable', run(7, 'succeeded')]);
    await after(5000);
    assert.equal(await after(5000), 'succeeded');
    assert.equal(said[0], 'started; The forge says forge-failed.');
  });

  it('stops where nobody may look', async () => {
    const { after } = follow(seven, ['forge-unauthorized']);
    assert.deepEqual(await after(0), { code: 'forge-unauthorized', message: 'The forge says forge-unauthorized.' });
  });

  it('takes no older run for the one that was started, and calls a guess a guess', async () => {
    const before = new Set([5]);
    const waiting = follow({ before }, [run(6, 'succeeded')], { listed: [run(5, 'succeeded')] });
    assert.equal(await waiting.after(5000), 'on its way');
    assert.deepEqual(waiting.asked, []);
    const listed = [run(6, 'succeeded'), run(5, 'succeeded')];
    const found = follow({ before }, [], { listed });
    assert.equal(await found.after(0), 'succeeded');
    assert.match(found.said[0] ?? '', /probably this one/);
    const titled = follow({ before }, [], { listed: [{ ...run(6, 'succeeded'), title: 'Promote staging-v1' }] });
    assert.equal(await titled.after(0), 'succeeded');
    assert.deepEqual(titled.said, ['run 6 is succeeded']);
  });

  it('says so where a dispatch was accepted and no run begins', async () => {
    const { after } = follow({ before: new Set() }, []);
    for (let waited = 0; waited < 90_000; waited += 5000) await after(5000);
    const end = await after(5000);
    assert.match(JSON.stringify(end), /run-missing.*accepted the request, and no run of promote-production\.yml/);
  });

  it('tells once that a person is waited for', async () => {
    const { after, waited } = follow(seven, [run(7, 'waiting'), run(7, 'waiting'), run(7, 'succeeded')]);
    await after(5000);
    await after(5000);
    assert.deepEqual(waited, [7]);
  });

  it('says when a run takes longer than its earlier ones', async () => {
    const earlier = [1, 2, 3].map((id) => ({ ...run(id, 'succeeded'), createdAt: now - 10_000, updatedAt: now }));
    const { after, said } = follow(seven, [run(7, 'running')], { facts: factsWith(...earlier) });
    for (let waited = 0; waited < 20_000; waited += 5000) await after(5000);
    assert.equal(said[0], 'run 7 is running');
    assert.match(said.at(-1) ?? '', /longer than the usual 10 s/);
  });
});
