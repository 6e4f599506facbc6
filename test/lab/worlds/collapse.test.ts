import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { collapse } from './collapse';
import { normalise } from './normalise';

describe('what two worlds are compared by', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a line that follows itself', 'a a b', 'a b'],
    ['a round that is repeated', 'a b a b a b', 'a b'],
    ['a round that has begun once more', 'a b c a b', 'a b c'],
    ['a round in a round', 'a b b c a b c', 'a b c'],
    ['a way back that ends at rest', 'gone a gone', 'gone a gone'],
    ['lines that differ', 'a b c d', 'a b c d'],
  ];
  for (const [what, lines, expected] of cases) {
    it(`keeps of ${what}: ${expected}`, () => assert.equal(collapse(lines.split(' ')).join(' '), expected));
  }

  it('knows names, times and hashes of a world, and leaves all else', () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    const names = { image: '127.0.0.1:5000/w1/backend', commits: ['f'.repeat(40), commit] };
    const told = [
      [`stored artifact for revision 'main@sha1:${commit}'`, "stored artifact for revision 'main@sha1:<commit 2>'"],
      ["pushed commit '0123456' to branch 'main'", "pushed commit '<commit 2>' to branch 'main'"],
      ['127.0.0.1:5000/w1/backend:v1 resolved', '<image>:v1 resolved'],
      ["unable to clone 'http://127.0.0.1:81/w1-flux.git'", "unable to clone '<repository>'"],
      ['Reconciliation finished in 1m5.02s, next run in 10m0s', 'Reconciliation finished in <time>, next run in 10m0s'],
      ['found 2 tags with checksum 2267549337', 'found 2 tags with checksum 2267549337'],
    ];
    assert.deepEqual(
      told.map(([text = '']) => normalise(text, names)),
      told.map(([, expected]) => expected),
    );
  });
});
