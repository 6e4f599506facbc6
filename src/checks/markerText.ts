import type { Marker } from '../manifests/markers';
import type { Fix } from '../model/finding';
import type { TextRange } from '../model/text';
import { replaceText } from './fix';
import type { CheckSubject } from './rule';

/** Where a marker's setter name stands in its comment. */
export function setterRange({ text }: CheckSubject, { comment, setter }: Marker): TextRange {
  const at = text.slice(comment.start, comment.end).indexOf(setter);
  return at < 0 ? comment : { start: comment.start + at, end: comment.start + at + setter.length };
}

type Target = Pick<Marker, 'namespace' | 'policy' | 'part'>;

export function formatSetter({ namespace, policy, part }: Target): string {
  return `${namespace}:${policy}${part === 'image' ? '' : `:${part}`}`;
}

/** A fix that lets a marker name something else. */
export function renameSetter(
  subject: CheckSubject,
  marker: Marker,
  { title, isSafe, ...change }: Pick<Fix, 'title' | 'isSafe'> & Partial<Target>,
): Fix {
  const text = formatSetter({ ...marker, ...change });
  return replaceText(subject, { title, isSafe, range: setterRange(subject, marker), text });
}
