import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { environmentProxy } from '../../../src/base/environmentProxy';

describe('environmentProxy', () => {
  const proxy = 'http://proxy.test:3128';
  const cases: readonly (readonly [server: string, noProxy: string, isProxied: boolean])[] = [
    ['https://api.example.com:6443', '', true],
    ['https://api.example.com:6443', 'example.com', false],
    ['https://example.com', 'example.com', false],
    ['https://example.com', '.example.com', true],
    ['https://api.example.com', '*.example.com', false],
    ['https://badexample.com', 'example.com', true],
    ['https://api.example.com:6443', 'other.com, api.example.com:6443', false],
    ['https://api.example.com:6443', 'api.example.com:443', true],
    ['https://api.example.com', 'api.example.com:443', false],
    ['https://API.example.com', 'api.EXAMPLE.com', false],
    ['https://10.1.2.3:6443', '10.0.0.0/8', false],
    ['https://11.1.2.3:6443', '10.0.0.0/8', true],
    ['https://10.1.2.3:6443', '10.1.2.3', false],
    ['https://10.1.2.3:6443', '10.0.0.0/99', true],
    ['https://[fd00::1]:6443', 'fd00::/8', false],
    ['https://[fd00::1]:6443', 'fd00::1', false],
    ['https://api.example.com', '*', false],
    ['https://localhost:6443', '', false],
    ['https://127.0.0.1:6443', '', false],
    ['https://[::1]:6443', '', false],
  ];
  for (const [server, noProxy, isProxied] of cases) {
    it(`${server} without [${noProxy}]: ${isProxied ? 'by proxy' : 'directly'}`, () => {
      const found = environmentProxy(server, { HTTPS_PROXY: proxy, NO_PROXY: noProxy });
      assert.equal(found, isProxied ? proxy : undefined);
    });
  }

  it('takes the variable of the protocol, in either case, and completes it', () => {
    assert.equal(environmentProxy('https://a.test', { https_proxy: 'p.test:1' }), 'http://p.test:1');
    assert.equal(environmentProxy('http://a.test', { HTTP_PROXY: proxy }), proxy);
    assert.equal(environmentProxy('https://a.test', { HTTP_PROXY: proxy, HTTPS_PROXY: '' }), undefined);
    assert.equal(environmentProxy('no address', { HTTPS_PROXY: proxy }), undefined);
  });
});
