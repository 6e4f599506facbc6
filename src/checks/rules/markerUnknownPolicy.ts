import type { Marker } from '../../manifests/markers';
import type { Found } from '../../model/finding';
import { closest } from '../closest';
import { findTarget } from '../markerTargets';
import { renameSetter, setterRange } from '../markerText';
import type { CheckSubject, Rule } from '../rule';

export const markerUnknownPolicy: Rule = {
  id: 'marker-unknown-policy',
  severity: 'error',
  summary: 'A marker that names an ImagePolicy that does not exist.',
  protects:
    'image-automation-controller knows the setters of the ImagePolicies in its own namespace. A marker that names no such policy is passed over without a message, an event or a condition: the tag never changes again.',
  check: (subject) => subject.markers.flatMap((marker) => checkMarker(subject, marker)),
};

function checkMarker(subject: CheckSubject, marker: Marker): readonly Found[] {
  const target = findTarget(subject.repository, marker);
  if (target.kind !== 'missing' || target.elsewhere.length > 0) return [];
  const near = closest(marker.policy, target.siblings);
  const known = target.siblings.length === 0 ? 'none at all' : `only ${listNames(target.siblings)}`;
  return [
    {
      range: setterRange(subject, marker),
      message: `No ImagePolicy ${marker.policy} exists in the namespace ${marker.namespace}; this repository declares ${known} there. Flux passes over this marker without a word and never updates the line. Name a policy of that namespace, or declare this one.`,
      fixes:
        near === undefined
          ? []
          : [renameSetter(subject, marker, { title: `Name the policy ${near}`, isSafe: false, policy: near })],
    },
  ];
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
