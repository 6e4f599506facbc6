import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { forgeRefusal, forgeWaitMs } from '../../../src/base/forge/forgeProblem';
import {
  decodeComparison,
  decodeJobs,
  decodeReleases,
  decodeRun,
  decodeState,
  decodeWorkflow,
  stepsOf,
} from '../../../src/base/forge/records';

describe('workflow files', () => {
  const dispatchable: readonly unknown[] = [
    { on: 'workflow_dispatch' },
    { on: ['push', 'workflow_dispatch'] },
    { on: { workflow_dispatch: null } },
    { true: { workflow_dispatch: {} } },
  ];
  for (const file of dispatchable) {
    it(`takes ${JSON.stringify(file)}`, () => {
      assert.deepEqual(decodeWorkflow('.github/workflows/x.yml', file), {
        name: 'x.yml',
        path: '.github/workflows/x.yml',
        inputs: [],
      });
    });
  }

  for (const file of [undefined, 'text', {}, { on: 'push' }, { on: ['push'] }, { on: { push: null } }]) {
    it(`leaves ${JSON.stringify(file)}`, () => assert.equal(decodeWorkflow('x.yml', file), undefined));
  }

  it('reads inputs', () => {
    const inputs = {
      staging_tag: { description: 'The tag', required: true, type: 'string' },
      dry: { type: 'boolean', default: false },
      size: { type: 'choice', options: ['s', 2] },
      odd: null,
    };
    assert.deepEqual(decodeWorkflow('p', { name: 'Promote', on: { workflow_dispatch: { inputs } } })?.inputs, [
      { name: 'staging_tag', description: 'The tag', isRequired: true, type: 'string', options: [] },
      { name: 'dry', description: '', isRequired: false, type: 'boolean', options: [], default: 'false' },
      { name: 'size', description: '', isRequired: false, type: 'choice', options: ['s', '2'] },
      { name: 'odd', description: '', isRequired: false, type: 'string', options: [] },
    ]);
  });
});

describe('runs and jobs', () => {
  const states: readonly (readonly [string, string | null, string])[] = [
    ['queued', null, 'queued'],
    ['requested', null, 'queued'],
    ['waiting', null, 'waiting'],
    ['in_progress', null, 'running'],
    ['completed', 'success', 'succeeded'],
    ['completed', 'neutral', 'succeeded'],
    ['completed', 'failure', 'failed'],
    ['completed', 'timed_out', 'failed'],
    ['completed', 'cancelled', 'cancelled'],
    ['completed', 'skipped', 'cancelled'],
    ['completed', 'action_required', 'waiting'],
  ];
  for (const [status, conclusion, state] of states) {
    it(`${status} ${String(conclusion)}`, () => assert.equal(decodeState(status, conclusion), state));
  }

  it('names the steps of several jobs after them', () => {
    const step = { name: 'Retag', status: 'completed', conclusion: 'success' };
    const jobs = (names: readonly string[]) =>
      decodeJobs({ jobs: names.map((name, id) => ({ id, name, status: 'in_progress', steps: [step] })) });
    assert.deepEqual(stepsOf(jobs(['one'])), [{ name: 'Retag', state: 'succeeded' }]);
    assert.deepEqual(stepsOf(jobs(['one', 'two']))[1], { name: 'two: Retag', state: 'succeeded' });
    assert.deepEqual(stepsOf(decodeJobs({ jobs: [{ id: 1, name: 'x', status: 'queued' }] })), [
      { name: 'x', state: 'queued' },
    ]);
  });

  it('decodes anything without throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        decodeRun(value);
        decodeJobs(value);
        decodeReleases(value);
        decodeComparison(value);
        decodeWorkflow('p', value);
      }),
    );
  });
});

describe('forge refusals', () => {
  const base = { host: 'api.github.com', what: 'start the workflow', headers: {}, data: {} };
  const cases: readonly (readonly [number, Record<string, string>, object, string, number | undefined])[] = [
    [401, {}, {}, 'forge-unauthorized', undefined],
    [403, {}, {}, 'forge-unauthorized', undefined],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '100' }, {}, 'forge-rate-limited', 40_000],
    [403, { 'retry-after': '7' }, {}, 'forge-rate-limited', 7000],
    [403, {}, { documentation_url: 'https://docs.github.com/rest/rate-limits' }, 'forge-rate-limited', 60_000],
    [404, {}, {}, 'forge-not-found', undefined],
    [422, {}, { message: 'Required input x not provided' }, 'forge-refused', undefined],
    [429, {}, {}, 'forge-rate-limited', 60_000],
    [503, { 'retry-after': '5' }, {}, 'forge-failed', 5000],
    [500, {}, {}, 'forge-failed', undefined],
  ];
  for (const [status, headers, data, code, waitMs] of cases) {
    it(`${status} ${JSON.stringify(headers)} is ${code}`, () => {
      const refusal = { ...base, status, headers, data };
      assert.equal(forgeRefusal(refusal, 60_000).code, code);
      assert.equal(forgeWaitMs(refusal, 60_000), waitMs);
    });
  }

  it("says GitHub's own reason for a refused input", () => {
    const refusal = {
      ...base,
      status: 422,
      data: { message: 'Unexpected inputs', errors: [{ message: 'staging_tag' }] },
    };
    assert.match(forgeRefusal(refusal, 0).message, /Unexpected inputs; staging_tag/);
  });
});
