import { keyOf } from '../../fleet/placements';
import { rangeAt } from '../../manifests/documents';
import { at } from '../../manifests/fields';
import type { GitRepository } from '../../model/flux';
import { ofKind } from '../declaredPolicies';
import { automationDocuments } from '../documentsOf';
import type { Rule } from '../rule';

export const automationNoBranch: Rule = {
  id: 'automation-no-branch',
  severity: 'error',
  summary: 'An automation that has no branch to push to.',
  protects:
    'Flux pushes to `spec.git.push.branch`, else to the branch of `spec.git.checkout.ref`, else to that of the GitRepository. A tag, a commit, a semver range or a full reference is no branch: `push spec not provided, and cannot be inferred`.',
  check: (subject) =>
    automationDocuments(subject).flatMap(({ document, forms }) => {
      const range = rangeAt(document, ['metadata', 'name']);
      if (
        range === undefined ||
        forms.some((form) => form.pushBranch !== undefined || form.checkoutBranch !== undefined)
      )
        return [];
      const checkout = at(document.value, 'spec', 'git', 'checkout', 'ref');
      const repositories = ofKind<GitRepository>(subject.repository.manifests, 'GitRepository').filter(({ object }) =>
        forms.some((form) => keyOf(form.sourceRef) === keyOf(object.meta)),
      );
      const pinned = checkout !== undefined || repositories.some(({ object: { ref } }) => isPinned(ref));
      const hasBranch = checkout === undefined && repositories.some(({ object: { ref } }) => ref.branch !== undefined);
      if (!pinned || hasBranch) return [];
      return [
        {
          range,
          message:
            'This automation checks out something that is no branch and names none to push to: every run fails. Add spec.git.push.branch.',
        },
      ];
    }),
};

function isPinned({ tag, semver, name, commit, branch }: GitRepository['ref']): boolean {
  return branch === undefined && [tag, semver, name, commit].some((one) => one !== undefined);
}
