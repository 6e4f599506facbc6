import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { CgiHead } from '../../../../src/lab/git/cgiHead';

const output = Buffer.from('Status: 404 Not Found\r\nContent-Type: text/plain\r\nExpires: 1:2\r\n\r\nbody\r\n\r\nmore');

describe('the head of a CGI answer', () => {
  it('is split from the body in whatever pieces it comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: output.length })), (cuts) => {
        const at = [0, ...cuts.sort((one, other) => one - other), output.length];
        const head = new CgiHead();
        const heads: unknown[] = [];
        const body = at.slice(1).map((end, index) => {
          const chunk = output.subarray(at[index] ?? 0, end);
          return head.push(chunk, (status, headers) => heads.push([status, headers]));
        });
        assert.equal(Buffer.concat(body).toString('latin1'), 'body\r\n\r\nmore');
        assert.deepEqual(heads, [[404, { 'content-type': 'text/plain', expires: '1:2' }]]);
        assert.ok(head.isComplete);
      }),
    );
  });

  it('is 200 without a status', () => {
    new CgiHead().push(Buffer.from('A: b\r\n\r\n'), (status) => assert.equal(status, 200));
  });
});
