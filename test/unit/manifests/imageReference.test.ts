// Answers of image-automation-controller 1.2.4.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isImageReference } from '../../../src/manifests/imageReference';
import { applySetters } from '../../../src/manifests/setters';

const taken = [
  'xy:1',
  'UP.er/ab:1',
  'reg:5000/ab:1',
  'localhost/ab:1',
  'ab:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'ab:1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'a/:1',
  '/ab:1',
  'a//b:1',
  'https://x.y/ab:1',
  're_g.io/ab:1',
  'reg.io:99999/ab:1',
  '[::1]:5000/ab:1',
  'reg.io:1',
  'ab:-x',
  'ab:.x',
  '-ab:1',
];

const refused = [
  'x:1',
  'UPPER:1',
  'a/UPPER:1',
  'reg:5000/a:1',
  'ab:',
  'ab:a b',
  'ab:é',
  'ab:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'ab:1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'ab:1@sha512:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'ab:1@sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  ':1',
  'x.y/ab:1:2',
  'reg.io:port/ab:1',
  'ab@x:1',
  'a b/c:1',
  'reg.io/:1',
  'a%b.c/ab:1',
  'x:1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
];

describe('isImageReference', () => {
  for (const text of taken) it(`takes ${text}`, () => assert.equal(isImageReference(text), true));
  for (const text of refused) it(`refuses ${text}`, () => assert.equal(isImageReference(text), false));

  it('stops every policy for one that is none', () => {
    const fine = { namespace: 'a', name: 'w', latestRef: { name: 'ok/ok', tag: '1' } };
    const wrong = { namespace: 'a', name: 'v', latestRef: { name: 'UPPER', tag: '1' } };
    const text = 'a: b # {"$imagepolicy": "a:w"}\n';
    assert.equal(applySetters('x.yaml', text, [fine]).changes.length, 1);
    assert.deepEqual(applySetters('x.yaml', text, [fine, wrong]), { changes: [], edits: [] });
  });
});
