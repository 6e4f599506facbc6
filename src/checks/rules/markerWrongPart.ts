import type { Marker } from '../../manifests/markers';
import type { MarkerPart } from '../../model/manifest';
import { renameSetter, setterRange } from '../markerText';
import type { Rule } from '../rule';

export const markerWrongPart: Rule = {
  id: 'marker-wrong-part',
  severity: 'error',
  summary: 'A marker that writes another part of the image than its field holds.',
  protects:
    'Flux overwrites the value with what the setter’s suffix says: the whole `name:tag` without one, else the tag, the name or the digest. A whole image in `newTag` does not build, and a bare tag in a container’s `image` names another image.',
  check: (subject) =>
    subject.markers.flatMap((marker) => {
      const part = partOfField(marker);
      if (part === undefined || part === marker.part) return [];
      const suffix = part === 'image' ? 'no suffix' : `the suffix :${part}`;
      const field = String(marker.path.at(-1));
      return [
        {
          range: setterRange(subject, marker),
          message: `${field} holds ${wordsOf[part]}, and this marker writes ${wordsOf[marker.part]} into it. Give the marker ${suffix}.`,
          fixes: [renameSetter(subject, marker, { title: `Give the marker ${suffix}`, isSafe: true, part })],
        },
      ];
    }),
};

const wordsOf: Readonly<Record<MarkerPart, string>> = {
  image: 'a whole image',
  tag: 'a tag',
  name: 'an image’s name',
  digest: 'a digest',
};

/** What the field takes; undefined where that is anybody's guess. */
function partOfField({ path }: Marker): MarkerPart | undefined {
  const [field, index, list] = path.toReversed();
  const isItem = typeof index === 'number';
  if (isItem && list === 'images') {
    if (field === 'newTag') return 'tag';
    if (field === 'newName') return 'name';
    return field === 'digest' ? 'digest' : undefined;
  }
  const isContainer = isItem && (list === 'containers' || list === 'initContainers');
  return isContainer && field === 'image' ? 'image' : undefined;
}
