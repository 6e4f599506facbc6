import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findCrossing, mutableTag, type PolicyOfEnvironment } from '../../../src/fleet/hardStops';
import { decodeFluxObject } from '../../../src/manifests/fluxObjects';
import { fullBudget } from '../../../src/policy/prove';

function policyOf(environment: string, pattern: string): PolicyOfEnvironment {
  const policy = decodeFluxObject({
    apiVersion: 'image.toolkit.fluxcd.io/v1',
    kind: 'ImagePolicy',
    metadata: { name: 'backend', namespace: environment },
    spec: { filterTags: { pattern }, policy: { alphabetical: {} } },
  });
  assert.ok(policy?.kind === 'ImagePolicy');
  return { environment, policy };
}

describe('findCrossing', () => {
  it('names the nearest environment whose tags cross, in whatever order the policies come', () => {
    const subject = policyOf('production', 'v[0-9]+$');
    const others = ['develop', 'staging', 'test'].map((name) => policyOf(name, `^${name}-v[0-9]+$`));
    for (const peers of [others, others.toReversed()]) {
      const crossing = findCrossing(subject, peers, fullBudget);
      assert.deepEqual(crossing.kind === 'crosses' && crossing.other, { environment: 'staging', tag: 'staging-v1' });
    }
  });
});

describe('mutableTag', () => {
  for (const [image, why] of [
    ['app', 'no tag, which means latest'],
    ['app:latest', 'the tag latest'],
    ['app:production', 'the moving tag production'],
    ['app:prod-eu', 'the moving tag prod-eu'],
  ] as const) {
    it(`tells why ${image} can change`, () => assert.equal(mutableTag(image), why));
  }
  for (const image of [
    'app:production-1024',
    'app:prod-1770392924',
    'app:v1',
    'app@sha256:abc',
    'app:latest@sha256:abc',
  ]) {
    it(`leaves ${image} alone`, () => assert.equal(mutableTag(image), undefined));
  }
});
