import type { DeadBecause } from '../../manifests/deadMarkers';
import { setterOf } from '../../manifests/markers';
import type { Fix } from '../../model/finding';
import type { TextRange } from '../../model/text';
import type { CheckSubject, Rule } from '../rule';

export const markerDeadPlace: Rule = {
  id: 'marker-dead-place',
  severity: 'error',
  summary: 'A marker in a place where Flux never looks.',
  protects:
    'image-automation-controller looks at the comment behind a value, or on the line above a list item. It passes over markers above a key, behind a flow map or an alias and in text, and over whole files: those that do not parse, that are a list at the top, or that hold a template. The items of a `kind: List` it writes into a new file. Of all this it says nothing.',
  check: (subject) =>
    subject.deadMarkers.flatMap(({ because, range, text }) => {
      const why = reasons[because];
      if (why === undefined || isQuoted(subject.text, range, text)) return [];
      return [
        {
          range,
          message: `Flux never acts on this marker: ${why}`,
          fixes: because === 'above-key' ? moveBehind(subject, range) : [],
        },
      ];
    }),
};

const reasons: Readonly<Partial<Record<DeadBecause, string>>> = {
  broken:
    'the file cannot be read as YAML, so it is skipped as a whole. Correct the YAML, or move the marked value into a file without templates.',
  separator: 'text behind a --- line makes Flux skip the whole file. Put it on a line of its own.',
  'top-level-list':
    'the file is a list at the top, as a JSON6902 patch is, and Flux skips it. Use a strategic merge patch, or the images field of the kustomization.',
  metadata:
    'the metadata of a document in this file cannot be annotated, so Flux skips the file. Correct metadata and annotations.',
  'too-large': 'the file is too large to be read here. Split it.',
  'in-text': 'it stands inside a text, not in a comment. Move the value into a file or field of its own.',
  'above-key': 'a comment above a key belongs to the key. Put it behind the value, on the same line.',
  'behind-key': 'a comment behind the key belongs to the key. Put it behind the value.',
  'flow-collection':
    'a comment behind a map or list on one line belongs to none of its values. Write one value a line.',
  alias: 'an alias has no value of its own. Put the marker where the anchor is defined.',
  'list-object':
    'of a kind: List Flux writes the items into a new file and leaves this one alone. Write the objects as documents of their own.',
};

/** A comment that quotes a whole line of YAML, as a line that is commented out does. */
function isQuoted(text: string, { start }: TextRange, comment: string): boolean {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  return text.slice(lineStart, start).trim() === '' && comment.startsWith('#') && setterOf(comment) === undefined;
}

/** Onto the next line, where that is `key: value` without a comment. */
function moveBehind(subject: CheckSubject, range: TextRange): readonly Fix[] {
  const { text, file } = subject;
  const lineStart = text.lastIndexOf('\n', range.start - 1) + 1;
  const next = /^[^\n]*\n([ -]*[^\s#:]+:[ ]+[^\s#|>&*[{][^\n#]*?)[ ]*(?=\r?\n|$)/.exec(text.slice(lineStart));
  const line = next?.[1];
  if (next === null || line === undefined) return [];
  const end = lineStart + next[0].length - (next[0].length - next[0].trimEnd().length);
  const cut = lineStart + text.slice(lineStart).indexOf('\n') + 1;
  const marker = text.slice(range.start, range.end).trim();
  return [
    {
      title: 'Move the marker behind the value',
      isSafe: true,
      edits: [
        {
          file,
          edits: [
            { range: { start: lineStart, end: cut }, text: '' },
            { range: { start: end, end }, text: ` ${marker}` },
          ],
        },
      ],
    },
  ];
}
