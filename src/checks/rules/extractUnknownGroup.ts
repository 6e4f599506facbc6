import { editScalar } from '../../manifests/edits';
import type { Fix } from '../../model/finding';
import type { ImagePolicy } from '../../model/flux';
import { parseTemplate } from '../../policy/expand';
import type { Pattern } from '../../policy/pattern';
import { closest } from '../closest';
import { type GroupReference, gluedGroup } from '../gluedGroup';
import { compileFor, extractField, patternField, policiesOf } from '../policyFields';
import type { Rule } from '../rule';
import { selectionEvidence } from '../selectionEvidence';
import { sourceRange } from '../sourceRange';

export const extractUnknownGroup: Rule = {
  id: 'extract-unknown-group',
  severity: 'error',
  summary: '`extract` names a group that the pattern does not have.',
  protects:
    'Go’s `Regexp.Expand` puts an empty text in place of an unknown group, so every tag gets the same key. An alphabetical policy then selects the smallest tag by bytes and stays Ready; a numerical or semver policy fails and keeps the tag that it selected last.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const field = extractField(policy);
      const patternText = patternField(policy);
      if (field === undefined || patternText === undefined) return [];
      const [form] = field.forms.filter((one) => patternText.forms.includes(one));
      const pattern = compileFor(subject, patternText.value);
      if (form === undefined || pattern.kind !== 'pattern') return [];
      return parseTemplate(field.value).flatMap((part) => {
        if (part.kind === 'text' || isKnown(part, pattern) || gluedGroup(part, pattern) !== undefined) return [];
        const [start, end] = part.range;
        const fixes: readonly Fix[] = repair(field.value, part, pattern).map(({ title, value }) => ({
          title,
          isSafe: false,
          edits: [{ file: subject.file, edits: [editScalar(subject.text, field.scalar.range, value)] }],
        }));
        return [
          {
            range: sourceRange(subject.text, field.scalar, { start, end }),
            message: `The pattern has no group ${nameOf(part)}, so Flux compares an empty text here for every tag. ${consequence(form)} ${groupsOf(pattern)}`,
            evidence: selectionEvidence(subject.repository, form),
            fixes,
          },
        ];
      });
    }),
};

function nameOf(part: GroupReference): string {
  return part.kind === 'group' ? String(part.number) : part.name;
}

function isKnown(part: GroupReference, { groupNames }: Pattern): boolean {
  return part.kind === 'group' ? part.number < groupNames.length : groupNames.includes(part.name);
}

function consequence({ spec }: ImagePolicy): string {
  if (spec.policy?.semver !== undefined) return 'The policy finds no version and keeps the tag that it selected last.';
  if (spec.policy?.alphabetical !== undefined) {
    return 'Where all keys are equal the policy selects the smallest tag by bytes, and says that it is Ready.';
  }
  return 'The policy fails on a key that is no number and keeps the tag that it selected last.';
}

function groupsOf({ groupNames }: Pattern): string {
  const names = groupNames.filter((name) => name !== '');
  if (names.length > 0) return `Name one of its groups: ${[...new Set(names)].join(', ')}.`;
  return groupNames.length > 1
    ? 'Its groups have no names: write $1, or name the group as (?P<name>…).'
    : 'Put the part that is to be compared into a group: (?P<name>…).';
}

function repair(
  value: string,
  part: GroupReference,
  { groupNames }: Pattern,
): readonly { title: string; value: string }[] {
  const names = [...new Set(groupNames.filter((name) => name !== ''))];
  const replaceBy = (reference: string): string =>
    value.slice(0, part.range[0]) + reference + value.slice(part.range[1]);
  const name = names.length === 1 ? names[0] : closest(nameOf(part), names);
  if (name !== undefined) return [{ title: `Use the group ${name}`, value: replaceBy(`$${name}`) }];
  return groupNames.length === 2 ? [{ title: 'Use the group 1', value: replaceBy('$1') }] : [];
}
