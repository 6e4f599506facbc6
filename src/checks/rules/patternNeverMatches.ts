import { proveEmpty } from '../../policy/prove';
import { compileFor, patternField, policiesOf } from '../policyFields';
import type { Rule } from '../rule';
import { knownTagsOf } from '../selectionEvidence';

export const patternNeverMatches: Rule = {
  id: 'pattern-never-matches',
  severity: 'error',
  summary: 'A pattern that matches no tag.',
  protects:
    'When no tag passes the filter the ImagePolicy fails with `version list argument cannot be empty` and keeps the tag that it selected last.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const field = patternField(policy);
      const pattern = field && compileFor(subject, field.value);
      if (field === undefined || pattern?.kind !== 'pattern') return [];
      const { range } = field.scalar;
      if ('empty' in proveEmpty(pattern, subject.repository.budget)) {
        return [
          {
            range,
            message:
              'No legal tag can match this pattern: a tag has at most 128 characters of A-Z a-z 0-9 _ . - and begins with a letter, a digit or _. The policy fails and keeps the tag that it selected last. Correct the pattern.',
          },
        ];
      }
      const [form] = field.forms;
      const tags = form === undefined ? undefined : knownTagsOf(subject.repository, form);
      if (tags === undefined || tags.length === 0 || tags.some((tag) => pattern.test(tag))) return [];
      return [
        {
          range,
          severity: 'warning' as const,
          message: `None of the ${tags.length} known tags of the image matches this pattern: the policy fails until one does. Compare the pattern with the tags, or push a tag that fits.`,
          evidence: tags.slice(0, 3),
        },
      ];
    }),
};
