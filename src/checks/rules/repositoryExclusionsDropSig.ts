import { keyOf } from '../../fleet/placements';
import { rangeAt, scalarAt } from '../../manifests/documents';
import { at } from '../../manifests/fields';
import type { Fix } from '../../model/finding';
import { repositoryDocuments } from '../documentsOf';
import { replaceText } from '../fix';
import { compileFor } from '../policyFields';
import type { CheckSubject, FluxDocument, Rule } from '../rule';

export const repositoryExclusionsDropSig: Rule = {
  id: 'repository-exclusions-drop-sig',
  severity: 'warning',
  summary: 'An exclusion list that lets signature tags back in.',
  protects:
    'An `exclusionList` replaces the default, `^.*\\.sig$`. Cosign’s tags such as `sha256-….sig` are then scanned and reach every policy that does not filter them out: one of them fails a numerical policy, and an alphabetical one may select it.',
  check: (subject) =>
    repositoryDocuments(subject).flatMap((repository) => {
      const { document, own, forms } = repository;
      const list = at(document.value, 'spec', 'exclusionList');
      const range = rangeAt(document, ['spec', 'exclusionList', 0]);
      if (!Array.isArray(list) || range === undefined) return [];
      const isKept = forms.some((form) => form.exclusionList.join('\n') === own.exclusionList.join('\n'));
      if (!isKept || excludes(subject, own.exclusionList) || !reachesPolicy(subject, repository)) return [];
      return [
        {
          range,
          message:
            'This list replaces the default that leaves out .sig tags, and a policy that reads this repository takes them. Repeat the default: ^.*\\.sig$.',
          fixes: repeatDefault(subject, repository),
        },
      ];
    }),
};

const signature = `sha256-${'0'.repeat(64)}.sig`;

function excludes(subject: CheckSubject, rules: readonly string[]): boolean {
  return rules.some((rule) => {
    const pattern = compileFor(subject, rule);
    // A refused rule ends the scan; another rule says so.
    return pattern.kind !== 'pattern' || pattern.test(signature);
  });
}

function reachesPolicy(subject: CheckSubject, { forms }: FluxDocument): boolean {
  return subject.repository.policies().all.some(({ object: { repositoryRef, spec } }) => {
    if (!forms.some(({ meta }) => keyOf(meta) === keyOf(repositoryRef))) return false;
    if (spec.policy?.semver !== undefined && (spec.filterTags?.extract ?? '') === '') return false;
    const pattern = compileFor(subject, spec.filterTags?.pattern ?? '');
    return pattern.kind === 'pattern' && pattern.test(signature);
  });
}

/** A first item on a line of its own, written like the one that is there. */
function repeatDefault(subject: CheckSubject, { document }: FluxDocument): readonly Fix[] {
  const scalar = scalarAt(document, ['spec', 'exclusionList', 0]);
  if (scalar === undefined) return [];
  const lineStart = subject.text.lastIndexOf('\n', scalar.range.start) + 1;
  const lead = subject.text.slice(lineStart, scalar.range.start);
  if (!/^\s*-\s+$/.test(lead)) return [];
  const range = { start: lineStart, end: lineStart };
  return [replaceText(subject, { title: 'Repeat the default', isSafe: true, range, text: `${lead}'^.*\\.sig$'\n` })];
}
