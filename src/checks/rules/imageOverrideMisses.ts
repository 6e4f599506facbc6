import { rewriteScalar } from '../fix';
import { lastSegment } from '../lastSegment';
import type { Rule } from '../rule';

export const imageOverrideMisses: Rule = {
  id: 'image-override-misses',
  severity: 'warning',
  summary: 'An entry of kustomize’s `images` that matches no image.',
  protects:
    'kustomize compares `name` with the image as the base writes it, letter by letter, and says nothing when there is none. The base’s own tag is deployed, and an automation that updates the entry’s `newTag` changes nothing.',
  check: (subject) =>
    (subject.repository.missedOverrides().get(subject.file) ?? []).flatMap(({ name, range: readRange, images }) => {
      const range = subject.rangeNow(readRange);
      if (range === undefined) return [];
      const meant = images.filter((image) => lastSegment(image) === lastSegment(name));
      const [only, ...others] = meant;
      return [
        {
          range,
          message: `Nothing that is built here has the image ${name}, so this entry replaces nothing. The images are ${images.slice(0, 5).join(', ')}. Write the name as the base has it, or remove the entry.`,
          fixes:
            only === undefined || others.length > 0
              ? []
              : [rewriteScalar(subject, { title: `Write ${only}`, range, value: only, isSafe: false })],
        },
      ];
    }),
};
