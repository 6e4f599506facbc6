import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { groupBy } from '../../../src/model/collections';
import { formatAge, parseDuration } from '../../../src/model/duration';
import { formatImage, legalTag, parseImage } from '../../../src/model/image';
import { optional } from '../../../src/model/optional';
import type { Problem } from '../../../src/model/problem';
import { failed, known, mapReading, problemOf, type Reading, unknown, valueOf } from '../../../src/model/reading';
import { parseRevision } from '../../../src/model/revision';

const hash = '5394cb7f48332b2de7c17dd8b8384bbc84b7e738';
const problem: Problem = { code: 'cluster-unreachable', message: 'The cluster does not answer.' };

describe('parseRevision', () => {
  const cases: Readonly<Record<string, string>> = {
    [`main@sha1:${hash}`]: 'main',
    [`feature/branch@sha1:${hash}`]: 'feature/branch',
    [`refs/pull/4/head@sha1:${hash}`]: 'refs/pull/4/head',
    [`user@host@sha1:${hash}`]: 'user@host',
    [`sha1:${hash}`]: '',
    [`main/${hash}`]: 'main',
    [`HEAD/${hash}`]: '',
    [hash]: '',
  };
  for (const [text, pointer] of Object.entries(cases)) {
    it(text, () => assert.deepEqual(parseRevision(text), { pointer, hash }));
  }
});

describe('parseImage', () => {
  const cases: Readonly<Record<string, ReturnType<typeof parseImage>>> = {
    nginx: { name: 'nginx' },
    'nginx:1.25': { name: 'nginx', tag: '1.25' },
    '127.0.0.1:5000/acme/web': { name: '127.0.0.1:5000/acme/web' },
    '127.0.0.1:5000/acme/web:v1@sha256:ab': { name: '127.0.0.1:5000/acme/web', tag: 'v1', digest: 'sha256:ab' },
    'web@sha256:ab': { name: 'web', digest: 'sha256:ab' },
    '': { name: '' },
  };
  for (const [text, expected] of Object.entries(cases)) {
    it(`"${text}"`, () => assert.deepEqual(parseImage(text), expected));
  }

  it('gives back what it was given', () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,5}(?::\d{2}\/[a-z]{1,5})?$/);
    const tag = fc.option(fc.stringMatching(legalTag), { nil: undefined });
    const digest = fc.option(fc.stringMatching(/^sha256:[0-9a-f]{8}$/), { nil: undefined });
    fc.assert(
      fc.property(name, tag, digest, (givenName, givenTag, givenDigest) => {
        const image = { name: givenName, ...optional('tag', givenTag), ...optional('digest', givenDigest) };
        assert.deepEqual(parseImage(formatImage(image)), image);
      }),
    );
  });
});

describe('durations', () => {
  it('reads what the CRDs accept', () => {
    assert.deepEqual(
      ['5s', '1m30s', '500ms', '1.5h', '2h45m'].map(parseDuration),
      [5000, 90_000, 500, 5_400_000, 9_900_000],
    );
  });
  it('refuses the rest', () => {
    assert.deepEqual(['', '5', 's', '1d', '-5s', '5 s'].map(parseDuration), Array(6).fill(undefined));
  });
  it('says ages in one unit', () => {
    assert.deepEqual([-5, 0, 59_999, 60_000, 7_200_000, 200_000_000].map(formatAge), [
      '0 s',
      '0 s',
      '59 s',
      '1 min',
      '2 h',
      '2 d',
    ]);
  });
});

describe('Reading', () => {
  const fresh: Reading<number> = known(1, 10);
  it('keeps the last value beside the trouble', () => {
    assert.deepEqual(failed(fresh, problem), { state: 'stale', value: 1, at: 10, problem });
    assert.deepEqual(failed<number>(undefined, problem), unknown(problem));
    assert.deepEqual(failed(unknown<number>(problem), problem), unknown(problem));
  });
  it('maps values and keeps the rest', () => {
    assert.deepEqual(mapReading(failed(fresh, problem), String), { state: 'stale', value: '1', at: 10, problem });
    assert.deepEqual(mapReading(unknown<number>(problem), String), unknown(problem));
  });
  it('gives value and problem', () => {
    assert.deepEqual([valueOf(fresh), problemOf(fresh)], [1, undefined]);
    assert.deepEqual([valueOf(failed(fresh, problem)), problemOf(failed(fresh, problem))], [1, problem]);
    assert.deepEqual(
      [valueOf(unknown(problem)), problemOf(unknown(problem)), valueOf(undefined)],
      [undefined, problem, undefined],
    );
  });
});

describe('groupBy', () => {
  it('keeps the order of first appearance', () => {
    assert.deepEqual(
      [...groupBy([3, 1, 4, 1, 5, 9], (n) => n % 2)],
      [
        [1, [3, 1, 1, 5, 9]],
        [0, [4]],
      ],
    );
  });
});
