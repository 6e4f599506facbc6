import { parseRelease } from '../../policy/release';
import { parseRange } from '../../policy/semver';
import { rewriteScalar } from '../fix';
import { policiesOf, rangeField } from '../policyFields';
import type { CheckSubject, Rule } from '../rule';

export const semverRangeRefused: Rule = {
  id: 'semver-range-refused',
  severity: 'error',
  summary: 'A version range that Flux cannot read.',
  protects:
    'Flux reads ranges with Masterminds/semver, whose grammar is not npm’s. A range that it refuses stalls the ImagePolicy (`InvalidPolicy`), and the tag that it selected last stays.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const field = rangeField(policy);
      if (field === undefined) return [];
      const error = refusalOf(subject, field.value);
      if (error === undefined) return [];
      const repaired = repair(field.value);
      const isRepaired = repaired !== field.value && refusalOf(subject, repaired) === undefined;
      return [
        {
          range: field.scalar.range,
          message: `Flux cannot read this range: ${error}. Join constraints by blanks or commas and alternatives by ||, with at most three numbers each, as in >=1.2.0 <2.0.0-0.`,
          fixes: isRepaired
            ? [
                rewriteScalar(subject, {
                  title: `Write ${repaired}`,
                  range: field.scalar.range,
                  value: repaired,
                  isSafe: false,
                }),
              ]
            : [],
        },
      ];
    }),
};

function refusalOf({ repository }: CheckSubject, text: string): string | undefined {
  const range = parseRange(text, parseRelease(repository.settings.fluxVersion).semver);
  return range.kind === 'range-error' ? range.message : undefined;
}

/** What other tools' ranges say in other signs. */
function repair(range: string): string {
  return range
    .replaceAll('&&', ' ')
    .replace(/==/g, '=')
    .replace(/\bV(?=\d)/g, 'v')
    .replace(/,\s*$/, '')
    .replace(/(\d)\s*(?=[<>~^])/g, '$1 ')
    .replace(/ {2,}/g, ' ')
    .trim();
}
