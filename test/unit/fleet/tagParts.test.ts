import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { formatTag, parseTag, readTag } from '../../../src/fleet/tagParts';
import type { TagParts } from '../../../src/model/fleet';
import { compilePattern } from '../../../src/policy/pattern';

function read(tag: string, ...patterns: readonly string[]): TagParts {
  return readTag(
    tag,
    patterns.map((text) => {
      const pattern = compilePattern(text);
      assert.ok(pattern.kind === 'pattern', text);
      return pattern;
    }),
  );
}

describe('the parts of a tag', () => {
  it("reads them by the policy's own groups, whatever the format", () => {
    assert.deepEqual(read('build.77~release_2026', '^x$'), {});
    assert.deepEqual(read('r7.cafe12345.2026-01-31', '^(?P<version>r[0-9]+)\\.(?P<sha>[0-9a-f]+)\\.(?P<date>.*)$'), {
      version: 'r7',
      commit: 'cafe123',
      builtAt: Date.UTC(2026, 0, 31),
    });
  });

  it('goes by the groups before the shape, and by the shape where no group names a part', () => {
    const tag = 'production-v1.2.3-025c591-1770392924';
    assert.deepEqual(read(tag, '^production-v(?P<ver>[0-9]+)'), { ...parseTag(tag), version: '1' });
    assert.deepEqual(read(tag, '^staging-'), parseTag(tag));
    assert.deepEqual(read('main-1770392924000', '-(?P<ts>[0-9]+)$').builtAt, 1_770_392_924_000);
  });

  it('takes the first pattern that names a part', () => {
    assert.equal(read('a1b2', '(?P<version>a1)', '(?P<version>b2)').version, 'a1');
  });

  it('writes version and commit, or the tag where it has none', () => {
    assert.equal(formatTag('staging-v0.0.2-025c591-1770392924'), 'v0.0.2 · 025c591');
    assert.equal(formatTag('r7', { version: 'r7' }), 'r7');
    assert.equal(formatTag('latest'), 'latest');
  });
});
