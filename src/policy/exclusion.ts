import type { CompilePattern, Match } from './pattern';
import type { Release } from './release';
import { createSearch } from './search';

/** What an ImageRepository leaves out when it names nothing itself; naming something replaces it. */
const defaultExclusion = '^.*\\.sig$';

export interface Exclusion {
  readonly kind: 'exclusion';
  /** The first rule that takes the tag away. */
  readonly excludedBy: (tag: string) => string | undefined;
}

export interface ExclusionError {
  readonly kind: 'exclusion-error';
  readonly message: string;
}

/** image-reflector-controller `filterOutTags`: unanchored Go patterns. Undefined leaves out nothing, an empty list means the default. */
export function parseExclusion(
  exclude: readonly string[] | undefined,
  { goMinor }: Release,
  compile: CompilePattern,
): Exclusion | ExclusionError {
  if (exclude === undefined) return { kind: 'exclusion', excludedBy: () => undefined };
  if (exclude.length === 0) {
    return { kind: 'exclusion', excludedBy: (tag) => (isSignature(tag) ? defaultExclusion : undefined) };
  }
  const rules: { readonly text: string; readonly search: (tag: string) => Match | undefined }[] = [];
  for (const text of exclude) {
    const pattern = compile(text, { goMinor });
    if (pattern.kind === 'pattern-error') {
      return { kind: 'exclusion-error', message: `failed to compile regex ${text}: ${pattern.message}` };
    }
    rules.push({ text, search: createSearch(pattern, []) });
  }
  return { kind: 'exclusion', excludedBy: (tag) => rules.find(({ search }) => search(tag) !== undefined)?.text };
}

/** The default rule without an engine. `.` is no line break. */
function isSignature(tag: string): boolean {
  return tag.endsWith('.sig') && !tag.includes('\n');
}
