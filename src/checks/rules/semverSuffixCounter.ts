import { groupBy } from '../../model/collections';
import { parseRelease } from '../../policy/release';
import { parseRange, satisfies } from '../../policy/semver';
import { compareVersions, parseVersion } from '../../policy/version';
import { readKeyPattern } from '../keyPattern';
import { knownKeys } from '../knownKeys';
import { compileWith, policiesOf, rangeField } from '../policyFields';
import type { Rule } from '../rule';

export const semverSuffixCounter: Rule = {
  id: 'semver-suffix-counter',
  severity: 'warning',
  summary: 'Counters such as `rc10` that are compared as text.',
  protects:
    'Parts of a prerelease that hold letters are compared byte by byte: `1.0.0-rc9` is newer than `1.0.0-rc10`, and `k3s9` than `k3s10`. With a dot, `rc.10`, the counter is a number.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const field = rangeField(policy);
      const [form] = field?.forms ?? [];
      const { semver } = parseRelease(subject.repository.settings.fluxVersion);
      const range = field && parseRange(field.value, semver);
      if (field === undefined || form === undefined || range?.kind !== 'range') return [];
      const admits = (key: string): boolean => {
        const version = parseVersion(key, semver);
        return version !== undefined && satisfies(version, range, semver);
      };
      const shape = readKeyPattern(form.spec, compileWith(subject), subject.repository.budget);
      const pattern = form.spec.filterTags?.pattern ?? '';
      const isPossible = (key: string): boolean => pattern !== '' && shape?.isWhole(key) === true;
      const keys = knownKeys(subject.repository, form).filter(admits);
      const pair =
        wrongPair(keys, semver) ??
        guessPairs(pattern, field.value).find((two) => two.every((key) => isPossible(key) && admits(key)));
      if (pair === undefined) return [];
      return [
        {
          range: field.scalar.range,
          message: `For Flux ${pair[0]} is newer than ${pair[1]}: a counter behind letters is compared as text. Tag with a dot before the counter, as in rc.10, or let extract write it so.`,
          evidence: pair,
        },
      ];
    }),
};

type Pair = readonly [newer: string, older: string];

/** Two known keys of one version and one word: the newer for Flux, and the one with the greatest counter. */
function wrongPair(keys: readonly string[], semver: ReturnType<typeof parseRelease>['semver']): Pair | undefined {
  const counted = keys.flatMap((key) => {
    const [, stem, counter] = /^([^-]+-[A-Za-z](?:[A-Za-z0-9]*[A-Za-z])?)(\d+)$/.exec(key) ?? [];
    const version = stem === undefined ? undefined : parseVersion(key, semver);
    return stem === undefined || version === undefined ? [] : [{ key, stem, counter: Number(counter), version }];
  });
  for (const group of groupBy(counted, ({ stem }) => stem).values()) {
    const newest = group.reduce((best, one) => (compareVersions(one.version, best.version) > 0 ? one : best));
    const greatest = group.reduce((best, one) => (one.counter > best.counter ? one : best));
    if (newest.counter < greatest.counter) return [newest.key, greatest.key];
  }
  return undefined;
}

/** A pattern that spells the word out, with digits behind it: `-rc[0-9]+`. */
function guessPairs(pattern: string, range: string): readonly Pair[] {
  const words = [...pattern.matchAll(/-([A-Za-z](?:[A-Za-z0-9]*[A-Za-z])?)(?:\[0-9\]|\\d)(?:\+|\{1,|\*)/g)].map(
    ([, word = '']) => word,
  );
  const version = /\d+(?:\.\d+){0,2}/.exec(range)?.[0] ?? '1.0.0';
  const parts = [...version.split('.'), '0', '0'].slice(0, 3).join('.');
  return words.flatMap((word) => ['', 'v'].map((v): Pair => [`${v}${parts}-${word}9`, `${v}${parts}-${word}10`]));
}
