import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { mutableTag } from '../../../src/fleet/hardStops';

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
