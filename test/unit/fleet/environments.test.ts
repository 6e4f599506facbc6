import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  type EnvironmentClues,
  environmentWordsOf,
  findEnvironment,
  findEnvironmentWord,
  isProduction,
  matchesGlob,
  rankEnvironment,
} from '../../../src/fleet/environments';
import type { EnvironmentSetting } from '../../../src/model/settings';

const nowhere: EnvironmentClues = { namespace: '', file: 'app.yaml' };

function setting(name: string, rest: Partial<EnvironmentSetting> = {}): EnvironmentSetting {
  return { name, namespaces: [], paths: [], kustomizations: [], isProtected: false, ...rest };
}

describe('findEnvironmentWord', () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    production: 'production',
    'apps-production': 'production',
    'team-a-staging': 'staging',
    'prod-eu': 'prod-eu',
    'prod-us-2': 'prod-us-2',
    'eu-prod': 'eu-prod',
    'backend-eu-west1-prod': 'prod',
    'prod-use1': 'prod-use1',
    'ui-prod': 'prod',
    'fe-staging-2': 'staging-2',
    Dev: 'dev',
    developer: undefined,
    'my-cluster': undefined,
    products: undefined,
    'flux-system': undefined,
    'staging-v': 'staging',
    preprod: 'preprod',
  };
  for (const [text, expected] of Object.entries(cases)) {
    it(`reads "${text}" as ${expected}`, () => assert.equal(findEnvironmentWord(text), expected));
  }

  it('takes whole tokens only', () => {
    const letters = fc.stringMatching(/^[a-z]{1,6}$/);
    fc.assert(
      fc.property(letters, letters, (before, after) => {
        const found = findEnvironmentWord(`${before}prod${after}`);
        return found === undefined || found === 'preprod';
      }),
    );
  });
});

describe('findEnvironment', () => {
  const settings = [setting('blue', { namespaces: ['ns-blue'] }), setting('green', { paths: ['deploy/green/**'] })];
  const cases: readonly {
    readonly name: string;
    readonly clues: Partial<EnvironmentClues>;
    readonly settings?: readonly EnvironmentSetting[];
    readonly expected: readonly [environment: string, rule: string];
  }[] = [
    {
      name: 'a setting before everything',
      clues: { namespace: 'ns-blue', file: 'apps/production/x.yaml' },
      settings,
      expected: ['blue', 'setting'],
    },
    { name: 'a setting by path', clues: { file: 'deploy/green/a/b.yaml' }, settings, expected: ['green', 'setting'] },
    {
      name: 'the namespace before the path',
      clues: { namespace: 'staging', file: 'apps/production/x.yaml' },
      expected: ['staging', 'namespace'],
    },
    {
      name: 'the target namespace of the Kustomization',
      clues: { namespace: 'web', targetNamespace: 'qa', file: 'apps/x.yaml' },
      expected: ['qa', 'namespace'],
    },
    { name: 'the deepest folder', clues: { file: 'prod/apps/dev/x.yaml' }, expected: ['dev', 'path'] },
    { name: 'the file itself', clues: { file: 'apps/team/app/demo.yaml' }, expected: ['demo', 'path'] },
    {
      name: 'the folder that is applied',
      clues: { file: 'base/x.yaml', root: 'overlays/uat' },
      expected: ['uat', 'path'],
    },
    { name: 'the policy', clues: { policy: 'web-live' }, expected: ['live', 'policy'] },
    {
      name: 'the prefix of the pattern',
      clues: { policy: 'web', tagPrefix: () => 'stg-v' },
      expected: ['stg', 'policy'],
    },
    {
      name: 'the folder below clusters',
      clues: { namespace: 'web', kustomizationFile: 'clusters/berlin/apps.yaml' },
      expected: ['berlin', 'cluster folder'],
    },
    { name: 'the namespace at last', clues: { namespace: 'web' }, expected: ['web', 'namespace'] },
    { name: 'something, always', clues: {}, expected: ['default', 'namespace'] },
  ];
  for (const { name, clues, settings: given = [], expected } of cases) {
    it(`uses ${name}`, () => {
      const { environment, rule } = findEnvironment({ ...nowhere, ...clues }, given);
      assert.deepEqual([environment, rule], expected);
    });
  }
});

describe('rankEnvironment', () => {
  it('orders by words', () => {
    const names = ['prod-eu', 'staging', 'web', 'uat', 'develop', 'qa'];
    const sorted = names.toSorted((a, b) => rankEnvironment(a, []) - rankEnvironment(b, []));
    assert.deepEqual(sorted, ['web', 'develop', 'qa', 'uat', 'staging', 'prod-eu']);
  });

  it('keeps the order of the settings above the words', () => {
    const settings = [setting('live'), setting('dr')];
    assert.ok(rankEnvironment('dr', settings) > rankEnvironment('live', settings));
    assert.ok(rankEnvironment('live', settings) > rankEnvironment('production', settings));
  });

  it('gives two regions one rank', () => assert.equal(rankEnvironment('prod-eu', []), rankEnvironment('us-prod', [])));
});

describe('isProduction', () => {
  it('goes by the word', () => {
    assert.deepEqual(
      ['production', 'prod-eu', 'live', 'staging', 'web'].map((name) => isProduction(name, [])),
      [true, true, true, false, false],
    );
  });
  it('or by the last place in the list', () => {
    const settings = [setting('blue'), setting('green')];
    assert.deepEqual([isProduction('blue', settings), isProduction('green', settings)], [false, true]);
  });
});

describe('environmentWordsOf', () => {
  it('gives the name, its word and the aliases', () =>
    assert.deepEqual(environmentWordsOf('prod-eu'), ['prod-eu', 'prod', 'production', 'live']));
  it('gives a name without a word alone', () => assert.deepEqual(environmentWordsOf('web'), ['web']));
});

describe('matchesGlob', () => {
  const cases: readonly (readonly [glob: string, path: string, matches: boolean])[] = [
    ['apps/*/prod', 'apps/web/prod', true],
    ['apps/*/prod', 'apps/web/prod/kustomization.yaml', true],
    ['apps/*/prod', 'apps/a/b/prod', false],
    ['**/prod/**', 'apps/a/b/prod/x.yaml', true],
    ['./apps/', 'apps/x.yaml', true],
    ['apps', 'apps-old/x.yaml', false],
    ['a.b', 'axb', false],
    ['app?', 'app1', true],
  ];
  for (const [glob, path, matches] of cases) {
    it(`${glob} ${matches ? 'takes' : 'leaves'} ${path}`, () => assert.equal(matchesGlob(glob, path), matches));
  }
});
