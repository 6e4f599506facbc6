import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { keepsWaiting } from '../../../src/fleet/blockage';

const hash = (digit: string): string => digit.repeat(40);
const recent = [hash('c'), hash('b'), hash('a')];

function waitsFor(revision: string | undefined): boolean {
  const kustomization = { kind: 'Kustomization', namespace: 'flux-system', name: 'apps' };
  return keepsWaiting({ kustomization, ...(revision === undefined ? {} : { revision }) }, hash('b'), recent);
}

describe('keepsWaiting', () => {
  it('is so behind an older revision, and behind one that is not known', () => {
    assert.deepEqual(
      [waitsFor(`main@sha1:${hash('a')}`), waitsFor(`main@sha1:${hash('0')}`), waitsFor(undefined)],
      [true, true, true],
    );
  });

  it('is not so where the commit itself is waited for, or a newer one', () => {
    assert.deepEqual([waitsFor(`main@sha1:${hash('b')}`), waitsFor(`main@sha1:${hash('c')}`)], [false, false]);
  });
});
