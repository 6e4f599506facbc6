import { proveInclusion } from '../../policy/prove';
import { parseRelease } from '../../policy/release';
import { parseRange, type VersionRange } from '../../policy/semver';
import { rewriteScalar } from '../fix';
import { readKeyPattern } from '../keyPattern';
import { compileWith, policiesOf, rangeField } from '../policyFields';
import type { Rule } from '../rule';

export const semverPrereleaseExcluded: Rule = {
  id: 'semver-prerelease-excluded',
  severity: 'error',
  summary: 'Tags that are all prereleases, under a range that takes none.',
  protects:
    'For Masterminds/semver everything behind a `-` is a prerelease: `1.2.3-alpine`, `1.2.3-20240101`. A range takes prereleases only where one of its constraints has one itself; `-0` is the idiom. Without it the policy fails with `unable to determine latest version from provided list`.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const field = rangeField(policy);
      const [form] = field?.forms ?? [];
      if (field === undefined || form?.spec.filterTags?.pattern === undefined) return [];
      const { semver } = parseRelease(subject.repository.settings.fluxVersion);
      const range = parseRange(field.value, semver);
      if (range.kind !== 'range' || takesPrereleases(range)) return [];
      const compile = compileWith(subject);
      const shape = readKeyPattern(form.spec, compile, subject.repository.budget);
      const prereleases = compile('^v?[0-9]+\\.[0-9]+\\.[0-9]+-');
      if (shape === undefined || prereleases.kind !== 'pattern') return [];
      if (!('included' in proveInclusion(shape.keys, prereleases, subject.repository.budget))) return [];
      const admitted = addPrerelease(field.value);
      const widened = admitted === undefined ? undefined : parseRange(admitted, semver);
      const isRead = widened?.kind === 'range' && takesPrereleases(widened);
      return [
        {
          range: field.scalar.range,
          message:
            'Every tag that passes the filter has a suffix, which makes it a prerelease, and this range takes no prereleases: nothing is ever selected. Add -0 to the range, or let extract cut the suffix off.',
          fixes:
            admitted !== undefined && isRead
              ? [
                  rewriteScalar(subject, {
                    title: `Take prereleases: ${admitted}`,
                    range: field.scalar.range,
                    value: admitted,
                    isSafe: false,
                  }),
                ]
              : [],
        },
      ];
    }),
};

function takesPrereleases(range: VersionRange): boolean {
  return range.segments.some((segment) =>
    segment.some(({ version, operator, isDirty }) => version.prerelease !== '' || (operator === '!=' && !isDirty)),
  );
}

/** `-0` behind every version of the range. */
function addPrerelease(range: string): string | undefined {
  return range.includes(' - ') ? undefined : range.replace(/v?[0-9xX*]+(?:\.[0-9xX*]+){0,2}/g, '$&-0');
}
