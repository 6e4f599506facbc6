import type { CompilePattern, Pattern } from './pattern';
import type { Release } from './release';

/** What an ImageRepository leaves out when it names nothing itself; naming something replaces it. */
const defaultExclusions: readonly string[] = ['^.*\\.sig$'];

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
  const rules = exclude.length === 0 ? defaultExclusions : exclude;
  const patterns: Pattern[] = [];
  for (const rule of rules) {
    const pattern = compile(rule, { goMinor });
    if (pattern.kind === 'pattern-error') {
      return { kind: 'exclusion-error', message: `failed to compile regex ${rule}: ${pattern.message}` };
    }
    patterns.push(pattern);
  }
  if (rules === defaultExclusions) {
    const [rule] = defaultExclusions;
    return { kind: 'exclusion', excludedBy: (tag) => (isSignature(tag) ? rule : undefined) };
  }
  return { kind: 'exclusion', excludedBy: (tag) => patterns.find((pattern) => pattern.test(tag))?.text };
}

/** The default rule without an engine. `.` is no line break. */
function isSignature(tag: string): boolean {
  return tag.endsWith('.sig') && !tag.includes('\n');
}
