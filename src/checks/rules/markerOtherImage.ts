import { at } from '../../manifests/fields';
import type { Marker } from '../../manifests/markers';
import { parseImage } from '../../model/image';
import { lastSegment } from '../lastSegment';
import { setterRange } from '../markerText';
import type { CheckSubject, Rule } from '../rule';
import { isTemplate } from '../textField';

export const markerOtherImage: Rule = {
  id: 'marker-other-image',
  severity: 'warning',
  summary: 'A marker whose policy is of another image than the one it stands at.',
  protects:
    'Flux does not compare: it overwrites the value with the policy’s image or tag, whatever stood there. A copied marker puts one service’s tag on another.',
  check: (subject) =>
    subject.markers.flatMap((marker) => {
      const written = imageAt(subject, marker);
      const image = subject.repository.policies().named(marker.namespace, marker.policy)[0]?.image;
      if (written === undefined || image === undefined || isTemplate(written) || isTemplate(image)) return [];
      if (lastSegment(written) === lastSegment(image)) return [];
      return [
        {
          range: setterRange(subject, marker),
          message: `This line is of ${written}, and the policy ${marker.policy} reads the tags of ${image}. Flux does not compare and writes ${marker.part === 'image' ? 'that image' : 'a tag of that image'} here. Name the policy of ${lastSegment(written)}.`,
        },
      ];
    }),
};

/** The image that the marked value belongs to: itself, or what its kustomize `images` entry puts in place. */
function imageAt(subject: CheckSubject, marker: Marker): string | undefined {
  if (marker.part === 'image') return parseImage(marker.value).name;
  const [field, index, list] = marker.path.toReversed();
  if (field !== 'newTag' || typeof index !== 'number' || list !== 'images') return undefined;
  const images = at(subject.parsed.documents[marker.documentIndex]?.value, 'images');
  const entry: unknown = Array.isArray(images) ? images[index] : undefined;
  const name = at(entry, 'newName') ?? at(entry, 'name');
  // A name without a path is often a stand-in.
  return typeof name === 'string' && name.includes('/') ? name : undefined;
}
