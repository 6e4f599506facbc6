import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deriveFleet } from '../../../src/fleet/deriveFleet';
import { type ContextChoice, rankContexts } from '../../../src/fleet/rankContexts';
import { shopFacts } from './shop';

const { environments } = deriveFleet(shopFacts());
const environment = (name: string) => environments.filter((one) => one.name === name);
const named = (...names: readonly string[]): readonly ContextChoice[] => names.map((name) => ({ name }));

describe('rankContexts', () => {
  const cases: readonly (readonly [string, string, readonly ContextChoice[], string])[] = [
    ['its own name', 'production', named('minikube', 'staging-eu', 'production-eu'), 'production-eu'],
    ['another word for it', 'production', named('minikube', 'gke_acme_eu_prod'), 'gke_acme_eu_prod'],
    ['a word, not letters', 'production', named('reproduction', 'acme/prod'), 'acme/prod'],
    ['the cluster', 'production', [{ name: 'a' }, { name: 'b', cluster: 'acme-production' }], 'b'],
    [
      'the namespace',
      'staging',
      [
        { name: 'a', namespace: 'x' },
        { name: 'b', namespace: 'staging' },
      ],
      'b',
    ],
    ['not another environment', 'production', named('staging', 'minikube'), 'minikube'],
    ['the first where nothing tells', 'production', named('one', 'two'), 'one'],
  ];
  for (const [name, wanted, contexts, first] of cases) {
    it(`prefers ${name}`, () => assert.equal(rankContexts(contexts, environment(wanted))[0]?.name, first));
  }

  it('leaves none out, and the order of equals alone', () => {
    const contexts = named('one', 'production', 'two', 'three');
    const ranked = rankContexts(contexts, environment('production')).map(({ name }) => name);
    assert.deepEqual(ranked, ['production', 'one', 'two', 'three']);
  });
});
