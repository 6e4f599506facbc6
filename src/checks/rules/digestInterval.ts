import { scalarAt } from '../../manifests/documents';
import type { Found } from '../../model/finding';
import { policiesOf } from '../policyFields';
import type { Rule } from '../rule';

export const digestInterval: Rule = {
  id: 'digest-interval',
  severity: 'error',
  summary: '`interval` of an ImagePolicy without `digestReflectionPolicy: Always`, or the other way round.',
  protects:
    "Two rules of the CRD: `spec.interval is only accepted when spec.digestReflectionPolicy is set to 'Always'`, and must be set then. The API server refuses the object, and with it everything that the Kustomization applies.",
  check: (subject) =>
    policiesOf(subject).flatMap(({ document, own, forms }): readonly Found[] => {
      const interval = scalarAt(document, ['spec', 'interval']);
      const reflection = scalarAt(document, ['spec', 'digestReflectionPolicy']);
      if (forms.some((form) => form.digestReflectionPolicy !== own.digestReflectionPolicy)) return [];
      if (own.digestReflectionPolicy === 'Always' && interval === undefined && reflection !== undefined) {
        return [
          {
            range: reflection.range,
            message:
              'With digestReflectionPolicy Always Flux asks for the digest every spec.interval, which is missing: the API server refuses this object. Add spec.interval, or write IfNotPresent.',
          },
        ];
      }
      if (own.digestReflectionPolicy === 'Always' || interval === undefined) return [];
      return [
        {
          range: interval.range,
          message: `spec.interval is only accepted with digestReflectionPolicy Always; here it is ${own.digestReflectionPolicy}, and the API server refuses this object. Remove the interval, or set Always.`,
        },
      ];
    }),
};
