import { formatImage, parseImage } from '../../model/image';
import { repositoryDocuments } from '../documentsOf';
import { rewriteScalar } from '../fix';
import type { Rule } from '../rule';
import { isTemplate, textField } from '../textField';

export const repositoryImageInvalid: Rule = {
  id: 'repository-image-invalid',
  severity: 'error',
  summary: 'An ImageRepository whose image has a scheme or a tag.',
  protects:
    'The API server admits it, and the controller stalls the object with `ImageURLInvalid`: nothing is scanned, and no policy that reads it finds a tag.',
  check: (subject) =>
    repositoryDocuments(subject).flatMap((repository) => {
      const field = textField(repository, ['spec', 'image'], ({ image }) => image);
      if (field === undefined || isTemplate(field.value)) return [];
      const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(field.value)?.[0] ?? '';
      const { name, tag, digest } = parseImage(field.value.slice(scheme.length));
      if (scheme === '' && tag === undefined && digest === undefined) return [];
      const extra = scheme === '' ? (tag === undefined ? 'a digest' : 'a tag') : 'a scheme';
      const value = formatImage({ name });
      return [
        {
          range: field.scalar.range,
          message: `The image of an ImageRepository is a bare name, and this one has ${extra}: the object stalls and scans nothing. Write ${value}.`,
          fixes: [rewriteScalar(subject, { title: `Write ${value}`, range: field.scalar.range, value, isSafe: true })],
        },
      ];
    }),
};
