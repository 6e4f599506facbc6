import type { Found } from '../../model/finding';
import type { MutableImage } from '../mutableImages';
import type { Rule } from '../rule';

export const imageMutableInProduction: Rule = {
  id: 'image-mutable-in-production',
  severity: 'error',
  summary: 'A moving tag in what production is built from.',
  protects:
    'Flux applies what kustomize builds. A tag such as `latest` or `production` names another build tomorrow without a change in Git: nodes run different builds, nothing says which, and a rollback has nothing to go back to. A base that says `latest` is fine as long as the overlay replaces it; an overlay that does not is the fault.',
  check: (subject) =>
    (subject.repository.mutableImages().get(subject.file) ?? []).flatMap((mutable) => {
      const range = subject.rangeNow(mutable.range);
      return range === undefined ? [] : [describe(mutable, range)];
    }),
};

function describe(mutable: MutableImage, range: Found['range']): Found {
  const { environment, image, reason, base } = mutable;
  const { kind, name, container } = image;
  const what = `${environment} runs ${image.image} ${kind === 'HelmRelease' ? 'by the value' : 'in the container'} ${container} of ${kind} ${name}: ${reason}. It can become another build without a change in Git.`;
  if (base === undefined) return { range, message: `${what} Write an exact tag or a digest here.` };
  return {
    range,
    message: `${what} It comes from ${base.file}, which this overlay takes as it is: add an entry for it to images, with an exact newTag.`,
    related: [{ file: base.file, range: base.range, line: base.line, message: 'The image as the base writes it.' }],
  };
}
