import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { parseRange, satisfies } from '../../../src/policy/semver';
import { parseVersion } from '../../../src/policy/version';

/** Every operator with every shape of version, answered by Masterminds/semver 3.3, 3.4 and 3.5 (`ask: range` of the oracle). */
interface Recorded {
  readonly versions: string;
  /** The range, then for each release its error, or for each version `+`, `-`, or `?` for what is no version. */
  readonly ranges: readonly (readonly [range: string, ...answers: string[]])[];
}

const recorded = JSON.parse(readFileSync(join(__dirname, '../../fixtures/vectors/ranges.json'), 'utf8')) as Recorded;

function answer(text: string, semver: '3.3' | '3.4' | '3.5'): string {
  const range = parseRange(text, semver);
  if (range.kind === 'range-error') return range.message;
  const verdicts = recorded.versions.split(' ').map((tag) => {
    const version = parseVersion(tag, semver);
    if (!version) return '?';
    return satisfies(version, range, semver) ? '+' : '-';
  });
  return verdicts.join('');
}

describe('semver: answers recorded from Masterminds/semver', () => {
  for (const [at, semver] of (['3.3', '3.4', '3.5'] as const).entries()) {
    it(`gives what ${semver} gave`, () => {
      for (const [range, ...answers] of recorded.ranges) {
        assert.equal(answer(range, semver), answers[at], `${JSON.stringify(range)} over ${recorded.versions}`);
      }
    });
  }
});
