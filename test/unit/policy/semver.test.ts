import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { parseRange, satisfies } from '../../../src/policy/semver';
import { compareVersions, parseVersion } from '../../../src/policy/version';

const versions =
  '0.1.0 0.2.5 1.0.0 1.2.0 1.2.3 1.2.3-rc.2 1.2.3-rc.10 1.2.9-0 1.3.0-alpha 1.9.9 2.0.0-rc.1 2.0.0 3.0.0'.split(' ');
const releases = versions.filter((version) => !version.includes('-')).join(' ');

function admitted(text: string, semver: '3.3' | '3.4' | '3.5' = '3.5'): string {
  const range = parseRange(text, semver);
  if (range.kind === 'range-error') return range.message;
  const holds = (tag: string): boolean => {
    const version = parseVersion(tag, semver);
    return version !== undefined && satisfies(version, range, semver);
  };
  return versions.filter(holds).join(' ');
}

/** flux-facts.md section 2.6, run on the original code. */
const table: Readonly<Record<string, string>> = {
  '*': releases,
  'x.x.x': releases,
  'x.1': releases,
  '~0.0.0': releases,
  '~*': releases,
  '>=*': releases,
  '>*': releases,
  '!=*': releases,
  '^*': '',
  '<*': '',
  '^0.0.0': '',
  '*-0': versions.join(' '),
  '>=0.0.0-0': versions.join(' '),
  '1.2.x-0': '1.2.0 1.2.3 1.2.3-rc.2 1.2.3-rc.10 1.2.9-0',
  '~1.2.3-0': '1.2.3 1.2.3-rc.2 1.2.3-rc.10 1.2.9-0',
  '^1.2.3-0': '1.2.3 1.2.3-rc.2 1.2.3-rc.10 1.2.9-0 1.3.0-alpha 1.9.9',
  '1.0.0 - 2.0.0-0': '1.0.0 1.2.0 1.2.3 1.2.3-rc.2 1.2.3-rc.10 1.2.9-0 1.3.0-alpha 1.9.9',
  '1 - 2': '1.0.0 1.2.0 1.2.3 1.9.9 2.0.0',
  '1.2 - 1.3': '1.2.0 1.2.3',
  '<=1': '0.1.0 0.2.5 1.0.0 1.2.0 1.2.3 1.9.9',
  '<=1.2': '0.1.0 0.2.5 1.0.0 1.2.0 1.2.3',
  '>1': '2.0.0 3.0.0',
  '>1.2': '1.9.9 2.0.0 3.0.0',
  '<1.x': '0.1.0 0.2.5',
  '^0': '0.1.0 0.2.5',
  '^0.2.3': '0.2.5',
  '~0': '0.1.0 0.2.5',
  '!=1.2.x': '0.1.0 0.2.5 1.0.0 1.9.9 2.0.0 3.0.0',
  '1.x || >=2.0.0-0': '1.0.0 1.2.0 1.2.3 1.9.9 2.0.0-rc.1 2.0.0 3.0.0',
  '1.2.3-rc.2': '1.2.3-rc.2',
  '>=v1.2.3, <2': '1.2.3 1.9.9',
  '': 'improper constraint: ""',
  '5||': 'improper constraint: ""',
  latest: 'improper constraint: "latest"',
  '>=1.0.0<2.0.0': 'improper constraint: ">=1.0.0<2.0.0"',
  '1.2.3.4': 'improper constraint: "1.2.3.4"',
  '==1.2.3': 'improper constraint: "==1.2.3"',
  'V1.2.3': 'improper constraint: "V1.2.3"',
  '1,': 'improper constraint: "1,"',
  '*-*': 'improper constraint: "*-*"',
  '1.|2': 'constraint parser error',
  'a"\\\t\u0001é\u200b\u{e0001}': 'improper constraint: "a\\"\\\\\\t\\x01é\\u200b\\U000e0001"',
};

describe('parseRange and satisfies', () => {
  for (const [range, expected] of Object.entries(table)) {
    it(`admits by ${JSON.stringify(range)}`, () => assert.equal(admitted(range), expected));
  }

  it('judges prereleases by the release of Masterminds', () => {
    assert.equal(admitted('>=1.0.0-0 <2.0.0', '3.3'), '1.0.0 1.2.0 1.2.3 1.9.9');
    assert.ok(admitted('>=1.0.0-0 <2.0.0', '3.4').endsWith('1.9.9 2.0.0-rc.1'));
    assert.ok(admitted('!=1.2.3', '3.3').includes('1.2.3-rc.2'));
    assert.ok(!admitted('!=1.2.3', '3.4').includes('-'));
    assert.ok(!admitted('!=1.3.x', '3.3').includes('-'));
  });

  it('words errors by the release, and limits lengths since 3.5', () => {
    assert.equal(admitted('latest', '3.4'), 'improper constraint: latest');
    assert.equal(admitted('1.|2', '3.3'), 'constraint Parser Error');
    assert.equal(admitted(`1${' '.repeat(511)}`), admitted('1'));
    assert.equal(admitted(`1${' '.repeat(512)}`), 'constraint string is too long (max 512 bytes)');
    assert.equal(admitted(`1${' '.repeat(512)}`, '3.4'), admitted('1'));
    assert.equal(admitted(Array.from({ length: 33 }, () => '1').join('||')), 'too many constraint groups (max 32)');
    assert.equal(admitted(Array.from({ length: 33 }, () => '1').join('||'), '3.4'), admitted('1'));
    assert.equal(admitted(Array.from({ length: 32 }, () => '1').join('||')), admitted('1'));
  });
});

describe('parseVersion', () => {
  const taken =
    '1.2.3 v1.2.3 01.02.03 2025.02.03 1.2.3-rc.1 1.2.3-0 1.2.3-alpine3.18 1.2.3+b 1-rc.1.2 1.2-a.b 1.2.18446744073709551615 1.2.3+build.10 1.2.3-rc+b-1.c';
  const skipped =
    '1 1.2 latest V1.2.3 v.1.2.3 release-1.2.3 1.2.3.4 1.2.x 1.2.3_4 1.2.3- 1.2.3-0123 1.2.3-01.a 1.2.18446744073709551616 ' +
    '1.18446744073709551616.3 18446744073709551616.2.3 1.2.3+ 1.2.3+b. 1.2.3+b_1 a.b.c';

  it('takes what Flux takes, and skips the rest', () => {
    for (const text of taken.split(' ')) assert.ok(parseVersion(text, '3.5'), text);
    for (const text of [...skipped.split(' '), '1.2.3 ', '']) assert.equal(parseVersion(text, '3.5'), undefined, text);
    assert.deepEqual(parseVersion('1-rc.1.2', '3.5'), { major: 1, minor: 0, patch: 0, prerelease: 'rc.1.2' });
    assert.equal(parseVersion(`1.2.3-${'a'.repeat(251)}`, '3.5'), undefined);
    assert.ok(parseVersion(`1.2.3-${'a'.repeat(250)}`, '3.5'));
    assert.ok(parseVersion(`1.2.3-${'a'.repeat(251)}`, '3.4'));
  });

  it('was stricter up to Flux 2.6', () => {
    for (const text of ['01.2.3', '1.02.3', '1.2.03', '1-rc.1.2', '1.2-a.b'])
      assert.equal(parseVersion(text, '3.3'), undefined, text);
    for (const text of ['1.2.3', 'v1.2.3-rc.1', '1.2.0+b', '0.0.0', '10.20.30'])
      assert.ok(parseVersion(text, '3.3'), text);
  });
});

describe('compareVersions', () => {
  const rising =
    '1.0.0-1 1.0.0-9 1.0.0-10 1.0.0-9007199254740993 1.0.0-9007199254740994 1.0.0-20240101-a 1.0.0-99999999999999999999 1.0.0-alpha ' +
    '1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-ls10 1.0.0-ls9 1.0.0-rc.1 1.0.0-rc.9 1.0.0-rc.10 1.0.0-rc10 1.0.0-rc9 1.0.0 ' +
    '1.0.9007199254740992 1.0.9007199254740993 1.0.9007199254740994 1.0.18446744073709551615 1.1.0 2.0.0';

  it('orders by numbers, then releases after prereleases, then part by part', () => {
    const parsed = rising.split(' ').map((text) => parseVersion(text, '3.5'));
    for (const [at, left] of parsed.entries()) {
      for (const [other, right] of parsed.entries()) {
        assert.ok(left && right);
        assert.equal(Math.sign(compareVersions(left, right)), Math.sign(at - other), `${at} ${other}`);
      }
    }
  });

  it('does not see v, leading zeros and metadata', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.constantFrom('', '-rc.1', '-0'), (major, patch, tail) => {
        const plain = parseVersion(`${major}.0.${patch}${tail}`, '3.5');
        const dressed = parseVersion(`v00${major}.0.0${patch}${tail}+b.2`, '3.5');
        assert.ok(plain && dressed);
        assert.equal(compareVersions(plain, dressed), 0);
      }),
    );
  });
});
