import { rangeAt } from '../../manifests/documents';
import { policiesOf } from '../policyFields';
import type { Rule } from '../rule';

const choices = ['semver', 'alphabetical', 'numerical'] as const;

export const policySeveralChoices: Rule = {
  id: 'policy-several-choices',
  severity: 'warning',
  summary: 'An ImagePolicy with more than one order, of which one counts.',
  protects:
    'Of several choices the controller silently takes the first of semver, alphabetical and numerical; the others do nothing.',
  check: (subject) =>
    policiesOf(subject).flatMap(({ document, own, forms }) => {
      const said = choices.filter((choice) => own.spec.policy?.[choice] !== undefined);
      const isKept = forms.some(({ spec }) => said.every((choice) => spec.policy?.[choice] !== undefined));
      const [first, second, ...rest] = said;
      const range = second === undefined ? undefined : rangeAt(document, ['spec', 'policy', second]);
      if (!isKept || range === undefined || first === undefined) return [];
      const ignored = [second, ...rest].join(' and ');
      return [{ range, message: `Flux orders by ${first} and ignores ${ignored}. Remove what is not meant.` }];
    }),
};
