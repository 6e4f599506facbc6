import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { formatBuildTag, parseBuildTag, swapEnvironment } from '../../../../src/lab/content/buildTag';
import { emptyChangelog, recordRelease, releaseMessage } from '../../../../src/lab/content/releaseFiles';

const tag = 'production-v0.0.9-025c591-1770392924';
const at = Date.UTC(2026, 1, 6, 12);

describe('a release of the lab', () => {
  it('moves the version on and enters the changelog, newest first', () => {
    const first = recordRelease({ version: '0.0.9\n', changelog: emptyChangelog }, tag, at);
    assert.equal(first.version, '0.0.10\n');
    const second = recordRelease(first, 'production-v0.0.10-025c592-1770392925', at);
    assert.deepEqual(second.changelog.match(/^## .*$/gm), ['## v0.0.10 (2026-02-06)', '## v0.0.9 (2026-02-06)']);
    assert.match(
      releaseMessage(tag, first),
      /^Release v0\.0\.9, go on with v0\.0\.10\n\nReleased as production-v0\.0\.9/,
    );
  });

  it('leaves a version alone that has moved on already', () => {
    assert.equal(recordRelease({ version: '0.0.12\n', changelog: emptyChangelog }, tag, at).version, '0.0.12\n');
  });

  it('reads and writes build tags', () => {
    const build = parseBuildTag(tag);
    assert.deepEqual(build, { environment: 'production', version: '0.0.9', commit: '025c591', seconds: 1770392924 });
    assert.equal(build && formatBuildTag(build), tag);
    assert.equal(swapEnvironment(tag, 'staging'), 'staging-v0.0.9-025c591-1770392924');
    for (const other of ['latest', 'production', 'staging-v1-025c591-1', 'staging-v0.0.9-025c591-1;x']) {
      assert.equal(parseBuildTag(other), undefined);
    }
  });
});
