import type { CompilePattern } from '../policy/pattern';
import { fixedPrefix } from '../policy/prove';

export interface PatternPreview {
  /** Go's text where it refuses the pattern. */
  readonly error?: string;
  /** What every matching tag begins with; empty where nothing is certain. */
  readonly prefix: string;
  /** As `extract` calls them: `$ts`, or `$1` where there is no name. */
  readonly groups: readonly string[];
  readonly rows: readonly PatternRow[];
  readonly matchedCount: number;
}

export interface PatternRow {
  readonly tag: string;
  /** What each group catches; undefined for a group that took no part. */
  readonly caught: readonly (string | undefined)[];
}

const mostRows = 5;

/** What a pattern catches on the first five of the tags that it matches. */
export function previewPattern(text: string, tags: readonly string[], compile: CompilePattern): PatternPreview {
  const pattern = compile(text);
  if (pattern.kind === 'pattern-error') {
    return { error: pattern.message, prefix: '', groups: [], rows: [], matchedCount: 0 };
  }
  const groups = pattern.groupNames.slice(1).map((name, index) => `$${name === '' ? index + 1 : name}`);
  const matched = tags.filter((tag) => pattern.test(tag));
  const rows = matched.slice(0, mostRows).flatMap((tag): readonly PatternRow[] => {
    const match = pattern.search(tag);
    if (match === undefined) return [];
    const caught = groups.map((_, index) => {
      const start = match[2 * index + 2] ?? -1;
      return start < 0 ? undefined : tag.slice(start, match[2 * index + 3]);
    });
    return [{ tag, caught }];
  });
  return { prefix: fixedPrefix(pattern), groups, rows, matchedCount: matched.length };
}
