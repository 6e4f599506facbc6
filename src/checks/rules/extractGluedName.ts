import { parseTemplate } from '../../policy/expand';
import { rewriteScalar } from '../fix';
import { gluedGroup } from '../gluedGroup';
import { compileFor, extractField, patternField, policiesOf } from '../policyFields';
import type { Rule } from '../rule';
import { sourceRange } from '../sourceRange';

export const extractGluedName: Rule = {
  id: 'extract-glued-name',
  severity: 'error',
  summary: 'A group’s name in `extract` that runs into the text behind it.',
  protects:
    'Go’s `Regexp.Expand` takes the longest run of letters, digits and `_` behind `$` as the name: `$ts_x` names a group `ts_x`, and `$1x` a group `1x`. An unknown group gives an empty text, the same for every tag.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const field = extractField(policy);
      const patternText = patternField(policy);
      const pattern = patternText && compileFor(subject, patternText.value);
      if (field === undefined || pattern?.kind !== 'pattern') return [];
      return parseTemplate(field.value).flatMap((part) => {
        const group = part.kind === 'name' ? gluedGroup(part, pattern) : undefined;
        if (part.kind !== 'name' || group === undefined) return [];
        const [start, end] = part.range;
        const reference = `\${${group}}${part.name.slice(group.length)}`;
        const value = field.value.slice(0, start) + reference + field.value.slice(end);
        return [
          {
            range: sourceRange(subject.text, field.scalar, { start, end }),
            message: `Go reads this as a group named ${part.name}, which the pattern does not have, and puts an empty text here for every tag. Set the name off: ${reference}.`,
            fixes: [
              rewriteScalar(subject, { title: `Write ${reference}`, range: field.scalar.range, value, isSafe: true }),
            ],
          },
        ];
      });
    }),
};
