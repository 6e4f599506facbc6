import { scalarAt } from '../../manifests/documents';
import { editScalar } from '../../manifests/edits';
import { listAt } from '../../manifests/fields';
import type { Fix, Found } from '../../model/finding';
import type { ImageRepository } from '../../model/flux';
import type { PatternError } from '../../policy/pattern';
import { compileFor, patternField, policiesOf } from '../policyFields';
import type { CheckSubject, Rule } from '../rule';
import { sourceRange } from '../sourceRange';
import { documentsOfKind } from '../subject';
import { isTemplate, type TextField } from '../textField';

export const patternRefused: Rule = {
  id: 'pattern-refused',
  severity: 'error',
  summary: 'A pattern that Go’s regular expressions refuse.',
  protects:
    'image-reflector-controller compiles `filterTags.pattern` with Go’s `regexp`. When that fails the ImagePolicy stalls with `InvalidPolicy` and keeps the tag that it selected last; a pattern in `exclusionList` that fails ends every scan, so no new tag is found.',
  check: (subject) => [...checkPolicies(subject), ...checkExclusions(subject)],
};

function checkPolicies(subject: CheckSubject): readonly Found[] {
  return policiesOf(subject).flatMap((policy) => {
    const field = patternField(policy);
    return field === undefined
      ? []
      : checkPattern(subject, field, 'The policy stalls and keeps the tag that it selected last');
  });
}

function checkExclusions(subject: CheckSubject): readonly Found[] {
  return documentsOfKind<ImageRepository>(subject, 'ImageRepository').flatMap(({ document, forms }) =>
    listAt(document.value, 'spec', 'exclusionList').flatMap((_, index) => {
      const scalar = scalarAt(document, ['spec', 'exclusionList', index]);
      if (scalar === undefined || typeof scalar.value !== 'string' || isTemplate(scalar.value)) return [];
      const { value } = scalar;
      if (!forms.some((form) => form.exclusionList.includes(value))) return [];
      return checkPattern(subject, { value, scalar }, 'Every scan fails and no new tag is found');
    }),
  );
}

function checkPattern(
  subject: CheckSubject,
  { value, scalar }: Pick<TextField, 'value' | 'scalar'>,
  consequence: string,
): readonly Found[] {
  const error = compileFor(subject, value);
  if (error.kind === 'pattern') return [];
  const message = `Flux cannot read this pattern: ${error.message}. ${consequence}. ${nextStep(error)}`;
  const repaired = repair(value, error);
  const fixes: readonly Fix[] =
    repaired === undefined || compileFor(subject, repaired.value).kind !== 'pattern'
      ? []
      : [
          {
            title: repaired.title,
            isSafe: true,
            edits: [{ file: subject.file, edits: [editScalar(subject.text, scalar.range, repaired.value)] }],
          },
        ];
  return [{ range: sourceRange(subject.text, scalar, error.range), message, fixes }];
}

function nextStep({ code, argument }: PatternError): string {
  if (/^\(\?<?[=!]/.test(argument)) {
    return 'Go has no look-ahead and no look-behind: say what is allowed, or leave tags out with the ImageRepository’s exclusionList.';
  }
  if (argument.startsWith('(?<')) return 'Write a named group as (?P<name>…), with letters, digits and _ in the name.';
  if (code === 'invalid escape sequence' && /^\\[1-9k]/.test(argument)) {
    return 'Go has no back-references: write the repeated part out.';
  }
  if (code === 'invalid escape sequence') return 'Go does not know this escape: write the characters that are meant.';
  if (code === 'invalid nested repetition operator') return 'Repeat once: Go has no possessive or doubled repetition.';
  if (code === 'invalid repeat count') return 'Repeat at most 1000 times, the smaller number first.';
  if (code === 'missing closing )' || code === 'unexpected )') return 'Close every group that is opened.';
  if (code === 'missing closing ]') return 'Close the character class with ].';
  return 'Correct it; the syntax is Go’s (RE2).';
}

/** The two repairs that cannot change what is meant. */
function repair(
  value: string,
  { argument, range }: PatternError,
): { readonly title: string; readonly value: string } | undefined {
  if (argument === '(?<') {
    return { title: 'Write named groups as (?P<name>…)', value: value.replace(/\(\?<(?=[A-Za-z0-9_]+>)/g, '(?P<') };
  }
  if (argument === '\\Z') {
    return {
      title: 'Write the end of the tag as $',
      value: `${value.slice(0, range.start)}$${value.slice(range.end)}`,
    };
  }
  return undefined;
}
