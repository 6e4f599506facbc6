import type { PolicySpec } from '../model/flux';
import { createExpansion } from './expand';
import type { CompilePattern } from './pattern';
import type { Release } from './release';
import { createSearch } from './search';

/** Which tags a policy looks at, and what it compares. */
export interface Filter {
  readonly kind: 'filter';
  /** Undefined for a tag that does not match. */
  readonly keyOf: (tag: string) => string | undefined;
}

export interface FilterError {
  readonly kind: 'filter-error';
  readonly message: string;
}

/** The filter of a policy that has none. */
export const wholeTag: Filter = { kind: 'filter', keyOf: (tag) => tag };

/** image-reflector-controller `internal/policy/filter.go`: an empty pattern matches all, an empty extract takes the tag. */
export function parseFilter(
  { pattern: text = '', extract = '' }: NonNullable<PolicySpec['filterTags']>,
  { goMinor }: Release,
  compile: CompilePattern,
): Filter | FilterError {
  const pattern = compile(text, { goMinor });
  if (pattern.kind === 'pattern-error') {
    return { kind: 'filter-error', message: `invalid regular expression pattern '${text}': ${pattern.message}` };
  }
  const { groups, expand } = createExpansion(extract, pattern);
  const search = createSearch(pattern, groups);
  if (extract === '') return { kind: 'filter', keyOf: (tag) => (search(tag) ? tag : undefined) };
  return {
    kind: 'filter',
    keyOf: (tag) => {
      const match = search(tag);
      return match && expand(tag, match);
    },
  };
}
