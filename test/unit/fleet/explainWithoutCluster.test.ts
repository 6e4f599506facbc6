import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Facts } from '../../../src/model/facts';
import { explained } from './explained';
import { shopFacts, shopFiles } from './shop';

function unseenCluster(pattern: string): Facts {
  const { defaultContext: _unreached, ...facts } = shopFacts({ files: shopFiles(pattern) });
  const kubeconfigProblem = { code: 'cluster-unreachable', message: 'The API server does not answer.' } as const;
  return { ...facts, clusters: new Map(), kubeconfigProblem };
}

const cases: readonly (readonly [name: string, pattern: string, said: readonly string[]])[] = [
  ['that no tag matches', '^prod-v(?P<ts>[0-9]+)$', ['selected policy-no-match: no tag matches']],
  ['that a pattern is refused', '^(?!latest)(?P<ts>.*)$', ['selected policy-invalid: failed to filter tags']],
  ['that a tag gives no number', '^production-(?P<ts>v.*)$', ['selected policy-unparsable: a tag that matches']],
  ['nothing of a pattern that Flux fills in first', '^${env}-v(?P<ts>[0-9]+)$', []],
  ['nothing where the policy is sound', '^production-v.*-(?P<ts>[0-9]+)$', []],
];

describe('an explanation without a cluster, by Git and the registry,', () => {
  for (const [name, pattern, expected] of cases) {
    it(`says ${name}`, () => {
      const { faults, unseen } = explained(unseenCluster(pattern));
      assert.deepEqual(
        faults.map(({ link, code, text }, at) => `${link} ${code}: ${text}`.slice(0, expected[at]?.length)),
        expected,
      );
      assert.deepEqual(
        unseen.map(({ code }) => code),
        ['cluster-unreachable'],
      );
    });
  }
});
