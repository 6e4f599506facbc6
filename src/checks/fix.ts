import { editScalar } from '../manifests/edits';
import type { Fix } from '../model/finding';
import type { TextEdit, TextRange } from '../model/text';
import type { CheckSubject } from './rule';

export interface Rewrite {
  readonly title: string;
  /** Of the scalar, quotes included. */
  readonly range: TextRange;
  readonly value: string;
  readonly isSafe: boolean;
}

/** A fix that gives one scalar of the file another value. */
export function rewriteScalar(subject: CheckSubject, { title, range, value, isSafe }: Rewrite): Fix {
  return { title, isSafe, edits: [{ file: subject.file, edits: [editScalar(subject.text, range, value)] }] };
}

/** A fix that replaces a piece of the file's text. */
export function replaceText(
  subject: CheckSubject,
  { title, isSafe, ...edit }: Pick<Rewrite, 'title' | 'isSafe'> & TextEdit,
): Fix {
  return { title, isSafe, edits: [{ file: subject.file, edits: [edit] }] };
}
