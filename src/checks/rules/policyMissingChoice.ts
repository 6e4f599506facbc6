import { rangeAt } from '../../manifests/documents';
import { policiesOf } from '../policyFields';
import type { Rule } from '../rule';

export const policyMissingChoice: Rule = {
  id: 'policy-missing-choice',
  severity: 'error',
  summary: 'An ImagePolicy that says no order, also once it is built.',
  protects:
    'The API server admits an ImagePolicy without a choice, and the controller stalls it: `invalid policy: given ImagePolicyChoice object is invalid`. A choice that a kustomize patch brings counts.',
  check: (subject) =>
    policiesOf(subject).flatMap(({ document, forms, isBuilt }) => {
      const isMissing = forms.every(
        ({ spec: { policy } }) =>
          policy?.semver === undefined && policy?.alphabetical === undefined && policy?.numerical === undefined,
      );
      const range = rangeAt(document, ['metadata', 'name']);
      if (!isBuilt || !isMissing || range === undefined) return [];
      return [
        {
          range,
          message:
            'This policy says neither semver nor alphabetical nor numerical, and no patch adds one: it stalls and selects nothing. Add one under spec.policy.',
        },
      ];
    }),
};
