import { replaceText } from '../fix';
import type { Rule } from '../rule';

export const markerMalformed: Rule = {
  id: 'marker-malformed',
  severity: 'error',
  summary: 'A comment in a marker’s place that Flux cannot read as one.',
  protects:
    'Behind its `#` the whole comment must be one JSON object of texts, with `"$imagepolicy"` and `namespace:policy`, alone or with `:tag`, `:name` or `:digest`. Single quotes, a missing namespace, `namespace/policy`, another suffix or a word beside it make it an ordinary comment.',
  check: (subject) =>
    subject.deadMarkers.flatMap(({ because, range, setter }) => {
      if (because !== 'malformed' && because !== 'setter') return [];
      const marker = setter === undefined ? undefined : `# {"$imagepolicy": "${setter}"}`;
      const reason =
        because === 'setter'
          ? 'it does not name namespace:policy with one of the suffixes :tag, :name, :digest or none'
          : 'it is not one JSON object in double quotes with nothing around it';
      return [
        {
          range,
          message: `Flux reads this comment as text: ${reason}. The line is never updated. Write ${marker ?? '# {"$imagepolicy": "namespace:policy"}'}.`,
          fixes:
            marker === undefined
              ? []
              : [replaceText(subject, { title: `Write ${marker}`, isSafe: false, range, text: marker })],
        },
      ];
    }),
};
