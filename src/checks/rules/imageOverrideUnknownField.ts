import { type ParsedDocument, scalarAt } from '../../manifests/documents';
import { at, isFields, listAt } from '../../manifests/fields';
import { kustomizationNames } from '../../manifests/manifestReader';
import type { Found } from '../../model/finding';
import { replaceText } from '../fix';
import { keyRange } from '../keyRange';
import { lastSegment } from '../lastSegment';
import type { CheckSubject, Rule } from '../rule';

export const imageOverrideUnknownField: Rule = {
  id: 'image-override-unknown-field',
  severity: 'error',
  summary: 'A field in an entry of kustomize’s `images` that kustomize does not have, such as `newDigest`.',
  protects:
    'An entry of `images` has `name`, `newName`, `newTag`, `digest` and `tagSuffix`. kustomize refuses a file with any other field; from the file that a Flux Kustomization names, Flux drops it without a word, so that a digest written as `newDigest` never reaches the cluster.',
  check: (subject) =>
    kustomizationNames.includes(lastSegment(subject.file))
      ? subject.parsed.documents.flatMap((document) => checkDocument(subject, document))
      : [],
};

/** Go's decoder takes any case. */
const known: ReadonlySet<string> = new Set(['name', 'newname', 'newtag', 'digest', 'tagsuffix']);

function checkDocument(subject: CheckSubject, document: ParsedDocument): readonly Found[] {
  return listAt(document.value, 'images').flatMap((entry, index) => {
    if (!isFields(entry)) return [];
    return Object.keys(entry).flatMap((name): readonly Found[] => {
      if (known.has(name.toLowerCase())) return [];
      const value = scalarAt(document, ['images', index, name]);
      const range = value && keyRange(subject.text, name, value.range);
      if (range === undefined) return [];
      const isDigest = name === 'newDigest' && at(entry, 'digest') === undefined;
      const remedy = isDigest ? 'Its name is digest.' : 'Correct its name or remove it.';
      return [
        {
          range,
          message: `kustomize's images have no field ${name}: kustomize refuses the file, and Flux drops the field where a Flux Kustomization names this folder. ${remedy}`,
          fixes: isDigest
            ? [replaceText(subject, { title: 'Rename to digest', isSafe: false, range, text: 'digest' })]
            : [],
        },
      ];
    });
  });
}
