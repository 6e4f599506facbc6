// What a person points at in a manifest, in Flux's terms: the one question that hovers, definitions and references share.

import type { CheckedRepository, CheckSubject, FluxDocument } from '../../checks/rule';
import { createSubject } from '../../checks/subject';
import { findScalar, type ScalarAt } from '../../manifests/cursor';
import { referenceOf } from '../../manifests/links';
import type { Marker } from '../../manifests/markers';
import type { ImagePolicy, ObjectReference } from '../../model/flux';
import { parseImage } from '../../model/image';
import { optional } from '../../model/optional';
import type { TextRange } from '../../model/text';
import { formsOf } from './selection';

export type Spot =
  | { readonly kind: 'marker'; readonly range: TextRange; readonly marker: Marker }
  | { readonly kind: 'pattern'; readonly range: TextRange; readonly text: string; readonly policy: ImagePolicy }
  /** A name: the object's own, or one that it names. */
  | { readonly kind: 'name'; readonly range: TextRange; readonly objects: readonly ObjectReference[] }
  | {
      readonly kind: 'tag';
      readonly range: TextRange;
      /** Without tag. */
      readonly image: string;
      readonly tag: string;
      readonly digest?: string;
    };

/** `text` may be newer than the repository. */
export function findSpot(
  repository: CheckedRepository,
  { file, text, offset }: { readonly file: string; readonly text: string; readonly offset: number },
): Spot | undefined {
  const subject = createSubject(repository, file, text);
  const marker = subject.markers.find(({ comment }) => holds(comment, offset));
  if (marker !== undefined) return { kind: 'marker', range: marker.comment, marker };
  const at = findScalar(subject.parsed.documents, offset);
  if (at === undefined) return undefined;
  const described = subject.documents.find(({ document }) => document === at.document);
  return (described && findField(described, at)) ?? findTag(subject, at);
}

function holds({ start, end }: TextRange, offset: number): boolean {
  return offset >= start && offset <= end;
}

function findField(described: FluxDocument, { path, scalar }: ScalarAt): Spot | undefined {
  const forms = formsOf(described);
  const name = (objects: readonly ObjectReference[]): Spot => ({ kind: 'name', range: scalar.range, objects });
  switch (path.join('.')) {
    case 'metadata.name':
      return name(forms.map(({ kind, meta }) => ({ kind, name: meta.name, namespace: meta.namespace })));
    case 'spec.imageRepositoryRef.name':
    case 'spec.sourceRef.name':
      return name(forms.flatMap((form) => referenceOf(form) ?? []));
    case 'spec.filterTags.pattern': {
      const policy = forms.find((form) => form.kind === 'ImagePolicy');
      if (policy === undefined || typeof scalar.value !== 'string') return undefined;
      return { kind: 'pattern', range: scalar.range, text: scalar.value, policy };
    }
    default:
      return undefined;
  }
}

/** A written tag: a scalar that decides an effective image, or one that a marker lets Flux write. */
function findTag({ file, markers, repository, rangeNow }: CheckSubject, { scalar }: ScalarAt): Spot | undefined {
  const { range, text } = scalar;
  const images = repository.manifests.roots.flatMap((root) => root.images);
  const found = images.find(
    ({ origin }) => origin?.file === file && rangeNow(origin.range)?.start === range.start && origin.field !== 'digest',
  );
  if (found !== undefined) {
    const built = parseImage(found.image);
    const own = found.origin?.field === 'image' ? parseImage(text) : undefined;
    // A variable may be only a part of the tag.
    const tag = own === undefined ? (built.tag?.includes(text) === true ? built.tag : text) : own.tag;
    const digest = own?.digest ?? (tag === built.tag ? built.digest : undefined);
    return tag === undefined
      ? undefined
      : { kind: 'tag', range, image: built.name, tag, ...optional('digest', digest) };
  }
  const marker = markers.find((one) => one.range.start === range.start);
  if (marker === undefined || marker.part === 'name' || marker.part === 'digest') return undefined;
  const { name, tag, digest } = parseImage(marker.part === 'image' ? text : `:${text}`);
  const [policy] = repository.policies().named(marker.namespace, marker.policy);
  const image = name === '' ? policy?.image : name;
  if (image === undefined || tag === undefined || tag === '') return undefined;
  return { kind: 'tag', range, image, tag, ...optional('digest', digest) };
}
