import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type Arrival, deriveArrival } from '../../../src/changes/arrival';
import type { DispatchPlan } from '../../../src/changes/plan';
import { deriveLineage, type LineageSide } from '../../../src/fleet/lineage';
import { known, unknown } from '../../../src/model/reading';

const [a, b] = ['a', 'b'].map((letter) => `sha256:${letter.repeat(64)}`) as [string, string];
const plan: DispatchPlan = {
  kind: 'dispatch',
  title: 'Promote backend to production',
  owner: 'acme',
  repository: 'backend',
  workflow: 'promote-production.yml',
  ref: 'main',
  inputs: {},
  image: 'ghcr.io/acme/backend',
  source: { service: 'backend', environment: 'staging', tag: 'staging-v1', digest: a },
  target: { service: 'backend', environment: 'production', tag: 'production-v1' },
  summary: [],
};

function sideOf(tag: string, digest: string, holds: string): LineageSide {
  return { tag, resolved: known({ digest, mediaType: 'm', manifests: [{ digest: holds }], labels: {} }, 0), pods: [] };
}

function arrivalOf(target: LineageSide): Arrival {
  return deriveArrival(plan, deriveLineage({ image: plan.image, source: sideOf('staging-v1', a, a), target }));
}

describe('deriveArrival', () => {
  it('states the proof', () => {
    assert.deepEqual(arrivalOf(sideOf('production-v1', a, a)), {
      kind: 'done',
      text: 'Promoted: production runs production-v1, the same image as staging-v1: both are sha256:aaaaaaaaaaaa….',
    });
    assert.deepEqual(arrivalOf(sideOf('production-v1', b, a)), {
      kind: 'done',
      text: 'Promoted: production runs production-v1, the same image as staging-v1 under another digest.',
    });
  });

  it('is an alarm, and no success, where another image came', () => {
    const arrival = arrivalOf(sideOf('production-v1', b, b));
    assert.ok(arrival.kind === 'alarm');
    assert.deepEqual([arrival.problem.code, arrival.problem.remedy], ['lineage-different', 'proveLineage']);
    assert.match(arrival.problem.message, /^production runs production-v1, which is not the image that was tested as/);
  });

  it('does not claim what could not be asked', () => {
    const silent = unknown<never>({ code: 'registry-failed', message: 'The registry is asked again later.' });
    assert.deepEqual(arrivalOf({ tag: 'production-v1', resolved: silent, pods: [] }), {
      kind: 'unproved',
      text: 'Promoted: production runs production-v1. Whether production-v1 is the image that was tested as staging-v1 could not be told. The registry is asked again later.',
    });
  });
});
