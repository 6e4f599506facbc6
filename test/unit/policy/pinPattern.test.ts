import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { literalTag } from '../../../src/manifests/pin';
import type { PolicySpec } from '../../../src/model/flux';
import { pinPattern } from '../../../src/policy/pinPattern';
import { select } from '../../../src/policy/select';

const numerical = { numerical: { order: 'asc' } };

describe('pinPattern', () => {
  const cases: readonly (readonly [string, PolicySpec['filterTags'], string, string | undefined])[] = [
    [
      'keeps the groups that extract names',
      { pattern: '^production-v[0-9.]+-[a-f0-9]+-(?P<ts>[0-9]+)$', extract: '$ts' },
      'production-v0.0.1-025c591-1770392924',
      '^production-v0\\.0\\.1-025c591-(?P<ts>1770392924)$',
    ],
    [
      'keeps groups by number, nested ones too',
      { pattern: '((v)([0-9.]+))-(x*)y', extract: '$3' },
      'v1.2-y',
      '^((v)(1\\.2))-()y$',
    ],
    ['leaves groups out that nobody reads', { pattern: '^v(.*)$' }, 'v1', '^v1$'],
    ['makes one where there is none', undefined, '1.2.3', '^1\\.2\\.3$'],
    ['gives up on a tag that the policy does not take', { pattern: '^a' }, 'b', undefined],
    ['gives up on a pattern that Go refuses', { pattern: '(?=a)' }, 'a', undefined],
  ];
  for (const [name, filterTags, tag, pattern] of cases) {
    it(name, () => assert.equal(pinPattern(filterTags === undefined ? {} : { filterTags }, tag), pattern));
  }

  it('takes exactly the tag, with the key that the policy reads, in whatever order it decides', () => {
    const version = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)).map((parts) => parts.join('.'));
    const tag = fc.tuple(version, fc.stringMatching(/^[0-9a-f]{7}$/), fc.integer({ min: 1, max: 2e9 }));
    const policies: readonly PolicySpec[] = [
      { filterTags: { pattern: '^v(?P<v>[0-9.]+)-[0-9a-f]+-(?P<ts>[0-9]+)$', extract: '$ts' }, policy: numerical },
      { filterTags: { pattern: '^v(?P<v>[0-9.]+)-', extract: '${v}' }, policy: { semver: { range: '>=0.0.0' } } },
      { filterTags: { pattern: '^v' }, policy: { alphabetical: { order: 'desc' } } },
      { policy: { alphabetical: {} } },
      { filterTags: { pattern: '(v((?:[0-9]+.?)+))-(.*)-(.*)', extract: '$4$2' }, policy: { alphabetical: {} } },
    ];
    const anyTags = fc.uniqueArray(
      tag.map(([v, c, t]) => `v${v}-${c}-${t}`),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(anyTags, fc.nat(), fc.constantFrom(...policies), (tags, at, spec) => {
        const target = tags[at % tags.length] ?? '';
        const pattern = pinPattern(spec, target);
        assert.ok(pattern !== undefined);
        const pinned = { ...spec, filterTags: { ...spec.filterTags, pattern } };
        const answer = select(pinned, tags, { exclude: [] });
        assert.deepEqual(answer.kind === 'tag' && answer.tag, target);
        assert.equal(literalTag(pattern), target);
      }),
    );
  });
});
