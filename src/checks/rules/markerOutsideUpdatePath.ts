import { keyOf } from '../../fleet/placements';
import { covers } from '../automations';
import { setterRange } from '../markerText';
import type { Rule } from '../rule';

export const markerOutsideUpdatePath: Rule = {
  id: 'marker-outside-update-path',
  severity: 'warning',
  summary: 'A marker in a file that no automation of its namespace looks into.',
  protects:
    'An ImageUpdateAutomation walks the files below its `spec.update.path` and no others. A marker elsewhere is never found, without a word.',
  check: (subject) =>
    subject.markers.flatMap((marker) => {
      const automations = subject.repository.automationsIn(marker.namespace);
      if (automations.length === 0 || automations.some((one) => covers(one, subject.file))) return [];
      // That these automations write to this very repository is known once one of them finds a marker here.
      const sources = new Set(automations.map(({ object }) => keyOf(object.sourceRef)));
      const isOurs = subject.repository.manifests.markers.some(
        (other) => other.namespace === marker.namespace && automations.some((one) => covers(one, other.file)),
      );
      if (sources.size > 1 || !isOurs) return [];
      const paths = [...new Set(automations.map(({ object }) => object.updatePath))].join(', ');
      return [
        {
          range: setterRange(subject, marker),
          message: `No automation of the namespace ${marker.namespace} looks into this file: they walk ${paths}. Flux never updates this line. Move the file, or widen spec.update.path.`,
        },
      ];
    }),
};
