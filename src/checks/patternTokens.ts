// A Go pattern cut into its smallest pieces, as text: for rules that look at how a pattern is written, not at what it takes.
import type { TextRange } from '../model/text';

export interface PatternToken extends TextRange {
  readonly kind: 'escape' | 'class' | 'open' | 'close' | 'repeat' | 'character';
  readonly text: string;
  /** How many groups are open around it. */
  readonly depth: number;
}

function shapes(): readonly (readonly [PatternToken['kind'], RegExp])[] {
  return [
    ['escape', /\\(?:Q[^]*?(?:\\E|$)|[pP]\{[^}]*\}|x\{[^}]*\}|x[0-9A-Fa-f]{2}|[^])/y],
    ['class', /\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]\\])*\]/y],
    ['open', /\((?:\?(?:P?<\w+>|[imsU-]*:|[imsU-]*(?=\))))?/y],
    ['close', /\)/y],
    ['repeat', /(?:[*+?]|\{\d+(?:,\d*)?\})\??/y],
  ];
}

/** For patterns that Go accepts. */
export function readTokens(pattern: string): readonly PatternToken[] {
  const tokens: PatternToken[] = [];
  const kinds = shapes();
  let depth = 0;
  for (let start = 0; start < pattern.length; ) {
    const [kind, text] = readToken(kinds, pattern, start);
    if (kind === 'close') depth -= 1;
    tokens.push({ kind, text, start, end: start + text.length, depth });
    if (kind === 'open') depth += 1;
    start += text.length;
  }
  return tokens;
}

function readToken(
  kinds: ReturnType<typeof shapes>,
  pattern: string,
  start: number,
): readonly [PatternToken['kind'], string] {
  for (const [kind, shape] of kinds) {
    shape.lastIndex = start;
    const [text = ''] = shape.exec(pattern) ?? [];
    if (text !== '') return [kind, text];
  }
  return ['character', pattern.charAt(start)];
}

/** Whether a piece takes digits and nothing else. */
export function isDigits({ kind, text }: PatternToken): boolean {
  return (
    (kind === 'escape' && text === '\\d') ||
    (kind === 'class' && /^\[(?:\d|\d-\d|\\d)+\]$|^\[\[:digit:\]\]$/.test(text))
  );
}
