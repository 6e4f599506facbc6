import type { ImagePolicy } from '../../model/flux';
import { rewriteScalar } from '../fix';
import { compileFor, extractField, policiesOf } from '../policyFields';
import type { CheckedRepository, FluxDocument, Rule } from '../rule';
import { sourceRange } from '../sourceRange';

export const extractSubstituted: Rule = {
  id: 'extract-substituted',
  severity: 'error',
  summary: '`${group}` in `extract`, where Flux substitutes variables.',
  protects:
    'Under a Kustomization with `postBuild` variables Flux reads `${ts}` as a variable before the policy exists. Since Flux 2.9 an unset one fails the build; before, it became an empty text and every tag got the same key. `$ts` is not a variable.',
  check: (subject) =>
    policiesOf(subject).flatMap((policy) => {
      const field = extractField(policy);
      const pattern = compileFor(subject, policy.own.spec.filterTags?.pattern ?? '');
      if (field === undefined || pattern.kind !== 'pattern' || isDisabled(policy)) return [];
      const match = [...field.value.matchAll(/(?<!\$)\$\{(\w+)\}/g)].find(([, name = '']) =>
        pattern.groupNames.includes(name),
      );
      const name = match?.[1];
      if (match === undefined || name === undefined || !isSubstituted(subject.repository, subject.file, policy))
        return [];
      const end = match.index + match[0].length;
      const reference = /^\w/.test(field.value.slice(end)) ? `$\${${name}}` : `$${name}`;
      const value = field.value.slice(0, match.index) + reference + field.value.slice(end);
      return [
        {
          range: sourceRange(subject.text, field.scalar, { start: match.index, end }),
          message: `Flux takes this for a variable of postBuild and replaces it before the policy is applied. Write ${reference}.`,
          fixes: [
            rewriteScalar(subject, { title: `Write ${reference}`, range: field.scalar.range, value, isSafe: true }),
          ],
        },
      ];
    }),
};

const substitute = 'kustomize.toolkit.fluxcd.io/substitute';

function isDisabled({ forms }: FluxDocument<ImagePolicy>): boolean {
  return forms.some(
    ({ meta }) => meta.labels[substitute] === 'disabled' || meta.annotations[substitute] === 'disabled',
  );
}

function isSubstituted(repository: CheckedRepository, file: string, { document }: FluxDocument): boolean {
  return repository.manifests.roots.some(
    (root) =>
      root.objects.some((one) => one.file === file && one.document === document.index) &&
      root.kustomization?.substitution !== undefined,
  );
}
