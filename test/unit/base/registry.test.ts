import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { cooldown, parseRetryAfter } from '../../../src/base/cooldown';
import { nextPage, parseAddress, parseChallenge } from '../../../src/base/registry/address';
import { FakeClock } from './fakeClock';

describe('registry addresses', () => {
  const images: readonly (readonly [string, string, string])[] = [
    ['nginx', 'registry-1.docker.io', 'library/nginx'],
    ['acme/backend', 'registry-1.docker.io', 'acme/backend'],
    ['docker.io/acme/backend', 'registry-1.docker.io', 'acme/backend'],
    ['docker.io/nginx', 'registry-1.docker.io', 'library/nginx'],
    ['ghcr.io/acme/team/backend', 'ghcr.io', 'acme/team/backend'],
    ['localhost/x', 'localhost', 'x'],
    ['127.0.0.1:5000/acme/backend', '127.0.0.1:5000', 'acme/backend'],
    ['registry:5000/x', 'registry:5000', 'x'],
  ];
  for (const [image, host, repository] of images) {
    it(image, () => assert.deepEqual(parseAddress(image), { host, repository }));
  }

  it('reads challenges', () => {
    const header = 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull,push",error=x';
    const challenge = parseChallenge(header);
    assert.equal(challenge?.scheme, 'bearer');
    assert.deepEqual(Object.fromEntries(challenge.parameters), {
      realm: 'https://ghcr.io/token',
      service: 'ghcr.io',
      scope: 'repository:a/b:pull,push',
      error: 'x',
    });
    assert.equal(parseChallenge('Basic realm="x"')?.scheme, 'basic');
    assert.equal(parseChallenge('Negotiate'), undefined);
    assert.equal(parseChallenge(null), undefined);
  });

  it('follows links to the same server only', () => {
    const base = 'https://r.test/v2/a/tags/list?n=1';
    assert.equal(
      nextPage('</v2/a/tags/list?n=1&last=x>; rel="next"', base),
      'https://r.test/v2/a/tags/list?n=1&last=x',
    );
    assert.equal(nextPage('<https://r.test/y>; rel=next', base), 'https://r.test/y');
    assert.equal(nextPage('<https://evil.test/y>; rel="next"', base), undefined);
    assert.equal(nextPage('</y>; rel="prev"', base), undefined);
    assert.equal(nextPage('<http://[>; rel="next"', base), undefined);
    assert.equal(nextPage(null, base), undefined);
  });

  it('is total', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseAddress(text);
        parseChallenge(text);
        nextPage(text, 'https://r.test/');
      }),
    );
  });
});

describe('cooldown', () => {
  it('holds as long as told, and for an hour at most', async () => {
    const clock = new FakeClock();
    const quiet = cooldown(clock);
    const problem = { code: 'registry-rate-limited', message: 'wait' } as const;
    quiet.begin('h', problem, 5000);
    await clock.advance(4999);
    assert.equal(quiet.active('h'), problem);
    assert.equal(quiet.active('other'), undefined);
    await clock.advance(1);
    assert.equal(quiet.active('h'), undefined);
    quiet.begin('h', problem, 1e12);
    await clock.advance(3_600_000);
    assert.equal(quiet.active('h'), undefined);
  });

  it('reads seconds and dates', () => {
    assert.equal(parseRetryAfter('3', 0), 3000);
    assert.equal(parseRetryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 4000), 6000);
    assert.equal(parseRetryAfter('soon', 0), undefined);
    assert.equal(parseRetryAfter(undefined, 0), undefined);
  });
});
