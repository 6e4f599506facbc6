import { rewriteScalar } from '../fix';
import { isDigits, type PatternToken, readTokens } from '../patternTokens';
import { compileFor, patternField, policiesOf } from '../policyFields';
import type { Rule } from '../rule';
import { sourceRange } from '../sourceRange';

export const patternLooseDot: Rule = {
  id: 'pattern-loose-dot',
  severity: 'warning',
  summary: 'An unescaped dot between numbers.',
  protects:
    'In Go’s regular expressions `.` is any character: `[0-9]+.[0-9]+` takes `1-2`, `1a2` and `12345` as well as `1.2`, so tags of another shape pass the filter.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const field = patternField(policy);
      if (field === undefined || compileFor(subject, field.value).kind !== 'pattern') return [];
      const { value, scalar } = field;
      const dots = looseDots(readTokens(value));
      const escaped = escapeAt(value, dots);
      return dots.slice(0, 1).map((dot) => ({
        range: sourceRange(subject.text, scalar, dot),
        message: `This dot takes any character, not only a dot${dots.length > 1 ? `, and so do ${dots.length - 1} more in this pattern` : ''}. Escape it: \\.`,
        fixes: [
          rewriteScalar(subject, { title: 'Escape the dots', range: scalar.range, value: escaped, isSafe: true }),
        ],
      }));
    }),
};

/** Between two pieces that take digits only; a repeated dot is meant as "anything". */
function looseDots(tokens: readonly PatternToken[]): readonly PatternToken[] {
  return tokens.filter(({ kind, text }, index) => {
    if (kind !== 'character' || text !== '.') return false;
    const before = tokens[index - 1]?.kind === 'repeat' ? tokens[index - 2] : tokens[index - 1];
    const behind = tokens[index + 1];
    return before !== undefined && behind !== undefined && isDigits(before) && isDigits(behind);
  });
}

function escapeAt(value: string, dots: readonly PatternToken[]): string {
  return dots.toReversed().reduce((text, { start }) => `${text.slice(0, start)}\\${text.slice(start)}`, value);
}
