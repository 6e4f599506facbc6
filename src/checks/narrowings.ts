import { readTokens } from './patternTokens';

export interface Narrowing {
  readonly title: string;
  readonly pattern: string;
}

/**
 * Ways to write a pattern so that it takes fewer tags, to be tried by a proof: anchors first, then one of `words` in place
 * of all that stands before the first `separator`.
 */
export function listNarrowings(pattern: string, words: readonly string[], separator: string): readonly Narrowing[] {
  const anchored: readonly Narrowing[] = pattern.startsWith('^')
    ? []
    : [
        { title: 'Anchor the pattern at the start', pattern: `^${pattern}` },
        { title: 'Anchor the pattern at both ends', pattern: `^${pattern.replace(/\$$/, '')}$` },
      ];
  const first = readTokens(pattern).find(
    ({ kind, text, depth }) =>
      depth === 0 && (kind === 'character' || kind === 'escape') && text.replace('\\', '') === separator,
  );
  if (first === undefined) return anchored;
  const rest = pattern.slice(first.start);
  const begins = words.map((word) => ({ title: `Begin the pattern with ^${word}`, pattern: `^${word}${rest}` }));
  return [...anchored, ...begins];
}
