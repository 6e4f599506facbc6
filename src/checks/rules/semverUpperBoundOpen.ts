import { parseRelease } from '../../policy/release';
import { parseRange } from '../../policy/semver';
import { rewriteScalar } from '../fix';
import { policiesOf, rangeField } from '../policyFields';
import type { Rule } from '../rule';

export const semverUpperBoundOpen: Rule = {
  id: 'semver-upper-bound-open',
  severity: 'warning',
  summary: 'An upper bound that lets the prereleases of the next version in.',
  protects:
    'Since Flux 2.7 one constraint with a prerelease admits prereleases for its whole segment: `>=1.0.0-0 <2.0.0` takes `2.0.0-rc.1`, which is below `2.0.0`.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const field = rangeField(policy);
      const { semver } = parseRelease(subject.repository.settings.fluxVersion);
      const range = field && parseRange(field.value, semver);
      if (field === undefined || range?.kind !== 'range' || semver === '3.3') return [];
      const bound = range.segments
        .filter((segment) => segment.some(({ version }) => version.prerelease !== ''))
        .flatMap((segment) =>
          segment.filter(({ operator, version }) => operator === '<' && version.prerelease === ''),
        )[0];
      if (bound === undefined) return [];
      const { major, minor, patch } = bound.version;
      const witness = `${major}.${minor}.${patch}-rc.1`;
      const closed = field.value.replace(/<(\s*v?[0-9.xX*]+)(?![-0-9.xX*])/g, '<$1-0');
      return [
        {
          range: field.scalar.range,
          message: `This range takes ${witness}: below the upper bound, and prereleases are let in by the other bound. Write the upper bound with -0.`,
          evidence: [witness],
          fixes:
            parseRange(closed, semver).kind === 'range' && closed !== field.value
              ? [
                  rewriteScalar(subject, {
                    title: `Write ${closed}`,
                    range: field.scalar.range,
                    value: closed,
                    isSafe: false,
                  }),
                ]
              : [],
        },
      ];
    }),
};
