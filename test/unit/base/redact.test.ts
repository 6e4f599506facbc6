import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { causeOf, redact } from '../../../src/base/redact';

const secret = 'S3cr3tValue0123456789';

const lines: readonly string[] = [
  `fatal: unable to access 'https://bob:${secret}@host/x.git/'`,
  `fatal: unable to access 'https://${secret}@host/x.git/'`,
  `Authorization: Bearer ${secret}`,
  `authorization: Basic ${secret}==`,
  `Proxy-Authorization: Basic ${secret}`,
  `{"Authorization":"token ${secret}"}`,
  `sent bearer ${secret} to the server`,
  `{"access_token":"${secret}","expires_in":300}`,
  `token=${secret}&x=1`,
  `password: ${secret}`,
  `client-key-data: ${secret}`,
  `ghp_${secret}`,
  `github_pat_${secret}_x`,
  `glpat-${secret}`,
  `eyJhbGciOiJSUzI1NiJ9.${secret}.${secret}`,
  `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----`,
  `-----BEGIN PRIVATE KEY-----\n${secret}`,
];

describe('redact', () => {
  for (const line of lines) {
    it(line.replaceAll(secret, '…').slice(0, 60), () => assert.doesNotMatch(redact(line), new RegExp(secret)));
  }

  it('keeps what is no secret', () => {
    const text = 'error: failed to push some refs to https://github.com/acme/gitops.git (tag main-1a2b3c-1700000000)';
    assert.equal(redact(text), text);
  });

  it('takes the userinfo out of any address', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9._~%!$&*+,;=-]{1,20}$/);
    fc.assert(
      fc.property(word, word, (user, password) => {
        assert.equal(redact(`see https://${user}:${password}@host/p`), 'see https://***@host/p');
      }),
    );
  });

  it('keeps the end of a long text', () => {
    assert.equal(causeOf(`${'x'.repeat(50)}end`, 5), '…xxend');
  });
});
