import { mustBeQuoted } from '../../manifests/yamlTypes';
import { replaceText } from '../fix';
import type { Rule } from '../rule';

export const markerTypeTrap: Rule = {
  id: 'marker-type-trap',
  severity: 'warning',
  summary: 'A marked value without quotes that YAML reads as a number, a boolean or a date.',
  protects:
    'image-automation-controller keeps the hidden type of a plain value: `newTag: 1.0` becomes `newTag: !!float 1.1.0` with the next tag that is no number, and the next build cannot read the file.',
  check: (subject) =>
    subject.markers.flatMap(({ value, range, isPlain, isBlock }) => {
      if (!isPlain || isBlock || !mustBeQuoted(value)) return [];
      return [
        {
          range,
          message: `YAML reads ${value} as something other than text, and Flux keeps that type when it writes the next tag: the file may not build any more. Put the value into quotes.`,
          fixes: [replaceText(subject, { title: 'Quote the value', isSafe: true, range, text: `"${value}"` })],
        },
      ];
    }),
};
