import { findTarget } from '../markerTargets';
import { renameSetter, setterRange } from '../markerText';
import type { Rule } from '../rule';

export const markerWrongNamespace: Rule = {
  id: 'marker-wrong-namespace',
  severity: 'error',
  summary: 'A marker that names a policy under another namespace than its own.',
  protects:
    'A setter is named after the namespace that the ImagePolicy has in the cluster, which an overlay or a `targetNamespace` may have given it. Under another namespace the marker names nothing and is passed over without a word.',
  check: (subject) =>
    subject.markers.flatMap((marker) => {
      const target = findTarget(subject.repository, marker);
      if (target.kind !== 'missing' || target.elsewhere.length === 0) return [];
      const [only, ...others] = target.elsewhere;
      return [
        {
          range: setterRange(subject, marker),
          message: `The namespace ${marker.namespace} has no ImagePolicy ${marker.policy}; it is in ${target.elsewhere.join(', ')}. Flux passes over this marker without a word and never updates the line. Name the policy's own namespace.`,
          fixes:
            only === undefined || others.length > 0
              ? []
              : [
                  renameSetter(subject, marker, {
                    title: `Name the namespace ${only}`,
                    isSafe: false,
                    namespace: only,
                  }),
                ],
        },
      ];
    }),
};
