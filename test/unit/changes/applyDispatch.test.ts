import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { applyDispatch, type DispatchForge, type StartedRun } from '../../../src/changes/applyDispatch';
import type { WorkflowRun } from '../../../src/model/facts';
import { type ProblemCode, ProblemError } from '../../../src/model/problem';
import { now } from '../fleet/shop';

const { signal } = new AbortController();
const plan = {
  owner: 'acme',
  repository: 'backend',
  workflow: 'promote-production.yml',
  ref: 'main',
  inputs: {},
  source: { service: 'backend', environment: 'staging', tag: 'staging-v1' },
};

function run(id: number, change: Partial<WorkflowRun> = {}): WorkflowRun {
  const workflow = '.github/workflows/promote-production.yml';
  return { id, url: '', workflow, state: 'running', createdAt: now, updatedAt: now, steps: [], ...change };
}

interface Case {
  readonly name: string;
  /** What is listed before the dispatch, and after it. */
  readonly before?: readonly WorkflowRun[];
  readonly after?: readonly WorkflowRun[] | ProblemCode;
  readonly answer?: { readonly runId?: number } | ProblemCode;
  readonly wanted: StartedRun | RegExp;
  readonly dispatches?: number;
}

const titled = { title: 'Promote staging-v1 to production' };

const cases: readonly Case[] = [
  { name: 'takes the id that the forge says', answer: { runId: 9 }, wanted: { id: 9, certainty: 'exact' } },
  {
    name: 'knows what was there before where it says none',
    before: [run(5)],
    answer: {},
    wanted: { before: new Set([5]) },
  },
  {
    name: 'starts no second run of the same promotion',
    before: [run(5, titled)],
    wanted: { id: 5, certainty: 'correlated' },
    dispatches: 0,
  },
  {
    name: 'starts one where the same promotion has ended',
    before: [run(5, { ...titled, state: 'failed' })],
    answer: { runId: 6 },
    wanted: { id: 6, certainty: 'exact' },
  },
  {
    name: 'takes no run of a longer tag for its own',
    before: [run(5, { title: 'Promote staging-v10 to production' })],
    answer: { runId: 6 },
    wanted: { id: 6, certainty: 'exact' },
  },
  {
    name: 'finds the run whose answer was lost',
    answer: 'forge-unreachable',
    after: [run(6, titled)],
    wanted: { id: 6, certainty: 'correlated' },
  },
  {
    name: 'calls it probable where nothing but the time speaks for it',
    before: [run(5)],
    answer: 'timed-out',
    after: [run(6), run(5)],
    wanted: { id: 6, certainty: 'probable' },
  },
  { name: 'says that nothing began', answer: 'forge-failed', after: [], wanted: /The forge says forge-failed\.$/ },
  {
    name: 'does not know where nobody answers any more',
    answer: 'forge-unreachable',
    after: 'forge-unreachable',
    wanted: /Whether the run was started is not known: repeat the command/,
  },
  { name: 'passes a refusal on', answer: 'forge-unauthorized', after: [run(6)], wanted: /forge-unauthorized/ },
];

describe('applyDispatch', () => {
  for (const { name, before = [], after = [], answer = {}, wanted, dispatches = 1 } of cases) {
    it(name, async () => {
      let asked = 0;
      const refuse = (code: ProblemCode): never => {
        throw new ProblemError({ code, message: `The forge says ${code}.` });
      };
      const forge: DispatchForge = {
        reader: { runs: async () => (asked === 0 ? before : typeof after === 'string' ? refuse(after) : after) },
        writer: {
          dispatch: async () => {
            asked += 1;
            return typeof answer === 'string' ? refuse(answer) : answer;
          },
        },
      };
      if (wanted instanceof RegExp) await assert.rejects(applyDispatch(plan, forge, signal), wanted);
      else assert.deepEqual(await applyDispatch(plan, forge, signal), wanted);
      assert.equal(asked, dispatches);
    });
  }
});
