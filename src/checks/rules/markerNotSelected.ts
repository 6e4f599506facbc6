import { formatRequirement } from '../../manifests/labelRequirements';
import { covers, selects } from '../automations';
import { setterRange } from '../markerText';
import type { Rule } from '../rule';

export const markerNotSelected: Rule = {
  id: 'marker-not-selected',
  severity: 'error',
  summary: 'A marker whose policy no automation selects.',
  protects:
    'An ImageUpdateAutomation with a `policySelector` knows only the ImagePolicies whose labels match. A marker of any other policy is passed over without a word.',
  check: (subject) =>
    subject.markers.flatMap((marker) => {
      const { repository } = subject;
      const policies = repository.policies().named(marker.namespace, marker.policy);
      const automations = repository.automationsIn(marker.namespace).filter((one) => covers(one, subject.file));
      if (automations.length === 0 || policies.length === 0 || !policies.every(({ isBuilt }) => isBuilt)) return [];
      const isPassedOver = automations.every((automation) =>
        policies.every(({ object }) => !selects(automation, object)),
      );
      if (!isPassedOver) return [];
      const [first] = automations;
      const wanted = (first?.object.policySelector ?? []).map(formatRequirement);
      return [
        {
          range: setterRange(subject, marker),
          message: `The automation ${automations.map(({ object }) => object.meta.name).join(', ')} does not select the policy ${marker.policy}: its labels are not ${wanted.join(', ')}. Flux passes over this marker without a word. Label the policy, or widen the policySelector.`,
        },
      ];
    }),
};
