// One line of a YAML file in a patch of that file: where it stands, what stood there before, and what its scalar says. Pure.
import type { FilePatch, Hunk } from '../base/git/records';
import { parseImage } from '../model/image';

/** A tag alone, or an image's name with the tag behind a colon. */
export type ScalarForm = 'tag' | 'image';

export interface SoughtLine {
  readonly setter: string | undefined;
  /** The key before the scalar; not known, and not needed, of a marked line. */
  readonly field: string | undefined;
  /** What the scalar holds. */
  readonly form: ScalarForm;
  /** Of the file after the commit. */
  readonly line: number;
  readonly expected: string | undefined;
}

export type FoundLine =
  /** The commit wrote the line; `before` is what it replaced. */
  | { readonly kind: 'written'; readonly after: string; readonly before?: OldLine | undefined }
  /** It is untouched, and was at this number before. */
  | { readonly kind: 'elsewhere'; readonly line: number }
  /** Another field stands in its place: it came with a later commit. */
  | { readonly kind: 'end' };

export interface OldLine {
  readonly text: string;
  readonly line: number;
}

export function findLine(sought: SoughtLine, file: FilePatch): FoundLine {
  return sought.setter === undefined ? byNumber(sought, file) : bySetter(sought, sought.setter, file);
}

/** The marked line among the added ones, wherever in the file it stands; what it replaced may have had no marker yet. */
function bySetter(sought: SoughtLine, setter: string, { hunks }: FilePatch): FoundLine {
  const added = hunks.flatMap((hunk) =>
    hunk.added.flatMap((text, index) => (setterIn(text) === setter ? [{ hunk, index, text }] : [])),
  );
  const found = added.find(({ text }) => valueOf(text, sought.form) === sought.expected) ?? added[0];
  // A line that is only removed here was brought back by a later commit: the earlier life goes on below.
  if (found === undefined) return { kind: 'elsewhere', line: sought.line };
  const removed = hunks.flatMap(linesBefore).find(({ text }) => setterIn(text) === setter);
  return { kind: 'written', after: found.text, before: removed ?? counterpart(found.hunk, found.index) };
}

function byNumber(sought: SoughtLine, { hunks }: FilePatch): FoundLine {
  let shift = 0;
  for (const hunk of hunks) {
    const { newStart, removed, added } = hunk;
    // With no added lines, `newStart` is the line before the gap.
    const begin = added.length === 0 ? newStart + 1 : newStart;
    if (begin > sought.line) break;
    if (sought.line < begin + added.length) {
      const index = sought.line - begin;
      const text = added[index] ?? '';
      if (fieldOf(text) === sought.field) return { kind: 'written', after: text, before: counterpart(hunk, index) };
      return byValue(sought, hunks) ?? { kind: 'end' };
    }
    shift += removed.length - added.length;
  }
  return { kind: 'elsewhere', line: sought.line + shift };
}

/** Numbers of two sides of a merge do not add up: the one line with the field and the value will do. */
function byValue({ field, form, expected }: SoughtLine, hunks: readonly Hunk[]): FoundLine | undefined {
  const [only, ...others] = hunks.flatMap((hunk) =>
    hunk.added.flatMap((text, index) =>
      fieldOf(text) === field && valueOf(text, form) === expected ? [{ hunk, index, text }] : [],
    ),
  );
  if (only === undefined || others.length > 0) return undefined;
  return { kind: 'written', after: only.text, before: counterpart(only.hunk, only.index) };
}

/** The removed line of the same hunk with the same field: the one as far down in it, or the only one. */
function counterpart(hunk: Hunk, index: number): OldLine | undefined {
  const field = fieldOf(hunk.added[index] ?? '');
  const same = linesBefore(hunk).filter(({ text }) => fieldOf(text) === field);
  const rank = hunk.added.slice(0, index).filter((text) => fieldOf(text) === field).length;
  return same.length === 1 ? same[0] : same[rank];
}

function linesBefore({ oldStart, removed }: Hunk): readonly OldLine[] {
  return removed.map((text, index) => ({ text, line: oldStart + index }));
}

/** The setter of a marker that stands on the line. */
export function setterIn(line: string): string | undefined {
  return /#.*"\$imagepolicy"\s*:\s*"([^"]+)"/.exec(line)?.[1];
}

const scalarLine = /^[\s-]*(?:"?([\w$.-]+)"?\s*:\s+)?("[^"]*"|'[^']*'|[^\s#]+)/;

export function fieldOf(line: string): string | undefined {
  return scalarLine.exec(line)?.[1];
}

/** What the line's scalar says of the tag: all of it, or for an image what stands behind its name, the digest too. */
export function valueOf(line: string, form: ScalarForm): string | undefined {
  const value = scalarLine.exec(line)?.[2]?.replace(/^(["'])(.*)\1$/, '$2');
  if (value === undefined || form === 'tag') return value;
  const { tag, digest } = parseImage(value);
  return tag === undefined ? undefined : `${tag}${digest === undefined ? '' : `@${digest}`}`;
}
