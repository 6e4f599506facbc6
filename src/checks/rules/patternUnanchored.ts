import type { Found } from '../../model/finding';
import type { ImagePolicy } from '../../model/flux';
import { proveInclusion } from '../../policy/prove';
import { rewriteScalar } from '../fix';
import { type PatternToken, readTokens } from '../patternTokens';
import { compileFor, patternField, policiesOf } from '../policyFields';
import type { CheckSubject, Rule } from '../rule';
import type { TextField } from '../textField';

export const patternUnanchored: Rule = {
  id: 'pattern-unanchored',
  severity: 'warning',
  summary: 'A pattern that is not tied to the beginning or the end of the tag.',
  protects:
    'image-reflector-controller searches the pattern anywhere in a tag. Without `^` and `$` a tag that merely contains a match is taken too, and without `extract` the whole tag is compared, not the part that matched.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const field = patternField(policy);
      return field === undefined || field.value === '' || isTied(field.value) ? [] : checkPattern(subject, field);
    }),
};

function checkPattern(subject: CheckSubject, field: TextField<ImagePolicy>): readonly Found[] {
  const { value, scalar } = field;
  const pattern = compileFor(subject, value);
  const fixed = anchor(value);
  const anchored = compileFor(subject, fixed);
  if (pattern.kind !== 'pattern' || anchored.kind !== 'pattern') return [];
  const answer = proveInclusion(pattern, anchored, subject.repository.budget);
  // Proved, or a version or number that is compared as a whole and so cannot have anything around it.
  if (!('witness' in answer) || field.forms.every(comparesWhole)) return [];
  return [
    {
      range: scalar.range,
      message: `This pattern also takes ${answer.witness}: Flux looks for a match anywhere in the tag. Begin the pattern with ^ and end it with $, or write .* where anything may follow.`,
      evidence: [answer.witness],
      fixes: [
        rewriteScalar(subject, {
          title: `Write ${fixed}`,
          range: scalar.range,
          value: fixed,
          isSafe: false,
        }),
      ],
    },
  ];
}

/** The common form, told without a proof. */
function isTied(value: string): boolean {
  return value.startsWith('^') && /[^\\]\$$/.test(value) && !hasChoice(value) && !value.includes('(?m');
}

function comparesWhole({ spec }: ImagePolicy): boolean {
  const hasExtract = (spec.filterTags?.extract ?? '') !== '';
  return !hasExtract && (spec.policy?.semver !== undefined || spec.policy?.numerical !== undefined);
}

/** A pattern that begins or ends with a separator, as `^prod-`, says that anything may stand there. */
function anchor(value: string): string {
  if (hasChoice(value)) return `^(?:${value})$`;
  const tokens = readTokens(value);
  const [first, last] = [tokens[0], tokens.at(-1)];
  const head = first?.text === '^' ? '' : isSeparator(first) ? '^.*' : '^';
  const tail = last?.text === '$' ? '' : isSeparator(last) ? '.*$' : '$';
  return head + value + tail;
}

function isSeparator(token: PatternToken | undefined): boolean {
  return token !== undefined && (/^\\?[-_]$/.test(token.text) || token.text === '\\.');
}

function hasChoice(value: string): boolean {
  return readTokens(value).some(({ kind, text, depth }) => kind === 'character' && text === '|' && depth === 0);
}
