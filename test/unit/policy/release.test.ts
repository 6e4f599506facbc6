import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseRelease, type Release } from '../../../src/policy/release';

const newest: Release = { goMinor: 26, semver: '3.5', sortsTags: true };

/** flux-facts.md sections 2.1, 2.6 and 9.1: Go, Masterminds and the order of stored tags by release of Flux. */
const table: readonly (readonly [flux: string | undefined, release: Release])[] = [
  [undefined, newest],
  ['', newest],
  ['latest', newest],
  ['version 2.6', newest],
  ['2', newest],
  ['3.0', newest],
  ['v12.1', newest],
  ['2.10', newest],
  ['2.25.1', newest],
  ['v2.9.4', newest],
  ['2.8', { goMinor: 26, semver: '3.4', sortsTags: true }],
  ['2.7.0', { goMinor: 25, semver: '3.4', sortsTags: true }],
  ['2.6', { goMinor: 24, semver: '3.3', sortsTags: false }],
  ['v2.5', { goMinor: 23, semver: '3.3', sortsTags: false }],
  ['2.4', { goMinor: 23, semver: '3.3', sortsTags: false }],
  ['2.3', { goMinor: 22, semver: '3.3', sortsTags: false }],
  ['2.2', { goMinor: 21, semver: '3.3', sortsTags: false }],
  ['2.1', { goMinor: 20, semver: '3.3', sortsTags: false }],
  ['0.41', { goMinor: 20, semver: '3.3', sortsTags: false }],
  ['1', { goMinor: 20, semver: '3.3', sortsTags: false }],
];

describe('parseRelease', () => {
  for (const [flux, release] of table) {
    it(`reads ${flux}`, () => assert.deepEqual(parseRelease(flux), release));
  }
});
