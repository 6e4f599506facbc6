import { setterRange } from '../markerText';
import type { Rule } from '../rule';

export const markerNoDigest: Rule = {
  id: 'marker-no-digest',
  severity: 'error',
  summary: 'A `:digest` marker of a policy that reflects no digest.',
  protects:
    'Without `digestReflectionPolicy` an ImagePolicy has no digest, and Flux writes what it has: the value becomes `""`.',
  check: (subject) =>
    subject.markers.flatMap((marker) => {
      if (marker.part !== 'digest') return [];
      const policies = subject.repository.policies().named(marker.namespace, marker.policy);
      if (policies.length === 0 || policies.some(({ object }) => object.digestReflectionPolicy !== 'Never')) return [];
      return [
        {
          range: setterRange(subject, marker),
          message: `The policy ${marker.policy} reflects no digest, so Flux writes an empty text here. Set spec.digestReflectionPolicy of the policy to IfNotPresent, or to Always with an interval.`,
        },
      ];
    }),
};
