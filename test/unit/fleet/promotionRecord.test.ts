import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { formatCommit } from '../../../src/changes/rollback/message';
import { findRecord, recordText } from '../../../src/fleet/promotionRecord';
import { promotionRecord } from '../../../src/lab/content/releaseFiles';
import { now } from './shop';

const id = { service: 'backend', environment: 'production' };
const tag = 'production-v1.0.0-abc1234-1';

function release(...record: readonly string[]) {
  const message = `Release v1.0.0, go on with v1.0.1\n\nReleased as ${tag}. [skip ci]\n${promotionRecord('backend', tag, record)}`;
  return { hash: 'c0ffee0'.padEnd(40, '0'), message, author: 'bot', at: now - 60_000, url: 'https://forge/c0ffee0' };
}

describe('the record of a promotion', () => {
  it('is read back from the release that a workflow records', () => {
    const record = findRecord(id, tag, [], [release('staging-v1', 'ada', '7', 'Sale begins.\n\nFlux-Promote-By: eve')]);
    assert.deepEqual(record, {
      by: 'ada',
      at: now - 60_000,
      to: tag,
      commit: 'c0ffee0'.padEnd(40, '0'),
      source: 'staging staging-v1',
      // A reason that looks like a trailer is none.
      why: 'Sale begins. Flux-Promote-By: eve',
      run: '7',
      url: 'https://forge/c0ffee0',
    });
    assert.equal(
      record && recordText(record, now),
      'by ada, 1 min ago from staging staging-v1: Sale begins. Flux-Promote-By: eve (run 7, recorded in c0ffee0)',
    );
  });

  it('tells what both tags named then, and which commits came along', () => {
    const digest = `sha256:${'5f'.repeat(32)}`;
    const { message, ...rest } = release('staging-v1', 'ada', '7', 'Sale begins.');
    const told = message
      .replace('staging staging-v1', `staging staging-v1 ${digest}`)
      .replace(
        /\n$/,
        '\nFlux-Promote-From: production-v0\nFlux-Promote-Commits: aaaaaa1..aaaaaa2\nFlux-Promote-Verification: checked\n',
      );
    const record = findRecord(id, tag, [], [{ ...rest, message: told }]);
    assert.deepEqual(
      [record?.from, record?.source, record?.digest, record?.commits, record?.verification],
      ['production-v0', 'staging staging-v1', digest, 'aaaaaa1..aaaaaa2', 'checked'],
    );
    assert.match(
      record === undefined ? '' : recordText(record, now),
      /from staging staging-v1 @ sha256:5f5f5f5f5f5f…: Sale begins\. \(run 7, recorded in c0ffee0; commits aaaaaa1\.\.aaaaaa2; checked\)/,
    );
  });

  it('tells no reason where none was given', () => {
    assert.equal(findRecord(id, tag, [], [release('staging-v1', 'ada', '7', '')])?.why, undefined);
  });

  it('is read back from our own commit in the GitOps repository', () => {
    const message = formatCommit({
      subject: 'Promote backend to production',
      reason: 'Sale begins',
      does: 'a is replaced by b.',
      trailers: [
        'Flux-Promote: promotion',
        'Flux-Promote-Environment: production',
        `Flux-Promote-To: ${tag}`,
        'Flux-Promote-Verification: 9 of 9 checks passed',
      ],
    });
    const author = { name: 'Ada', email: 'ada@example.test' };
    const commit = { hash: 'abc', author, at: now, subject: '', message, parents: [] };
    const record = findRecord(id, tag, [{ commit, file: '', to: tag, otherFiles: [] }], []);
    assert.deepEqual([record?.by, record?.why, record?.verification], ['Ada', 'Sale begins', '9 of 9 checks passed']);
  });

  it('takes no record of another tag or environment', () => {
    assert.equal(findRecord(id, 'other', [], [release()]), undefined);
    assert.equal(findRecord({ ...id, environment: 'staging' }, tag, [], [release()]), undefined);
  });
});
