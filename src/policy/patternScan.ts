import type { TextRange } from '../model/text';

export interface GroupOpening {
  readonly start: number;
  /** The range of the name in `(?P<name>` or `(?<name>`. */
  readonly name?: TextRange;
}

export interface PatternScan {
  readonly openings: readonly GroupOpening[];
  readonly unclosed: readonly number[];
  readonly unexpected: readonly number[];
  /** `\pN` and `\p{Greek}`, in classes too. */
  readonly properties: readonly TextRange[];
  /** `[` in a class, before `:]`, that begins no `[:name:]`. */
  readonly plainBrackets: readonly number[];
}

/** Finds the parts of a Go pattern, past escapes, `\Q…\E` and classes. Total: also for patterns that Go refuses. */
export function scanPattern(text: string): PatternScan {
  const openings: GroupOpening[] = [];
  const open: number[] = [];
  const unexpected: number[] = [];
  const properties: TextRange[] = [];
  const plainBrackets: number[] = [];
  let at = 0;
  const skipEscape = (): void => {
    const range = readProperty(text, at);
    if (range) properties.push(range);
    at = range?.end ?? at + 2;
  };
  /** A `]` right after `[` or `[^` is a member; `[:name:]` is one too. */
  const skipClass = (): void => {
    at += text[at + 1] === '^' ? 2 : 1;
    if (text[at] === ']') at++;
    while (at < text.length && text[at] !== ']') {
      const close = text.startsWith('[:', at) ? text.indexOf(':]', at + 2) : -1;
      if (close < 0 && text.startsWith('[:]', at)) plainBrackets.push(at);
      if (text[at] === '\\') skipEscape();
      else at = close < 0 ? at + 1 : close + 2;
    }
    at++;
  };
  while (at < text.length) {
    const character = text[at];
    if (text.startsWith('\\Q', at)) at = skipQuote(text, at);
    else if (character === '\\') skipEscape();
    else if (character === '[') skipClass();
    else {
      if (character === '(') {
        openings.push(readOpening(text, at));
        open.push(at);
      } else if (character === ')' && open.pop() === undefined) unexpected.push(at);
      at++;
    }
  }
  return { openings, unclosed: open, unexpected, properties, plainBrackets };
}

function readOpening(text: string, start: number): GroupOpening {
  const named = /\(\?P?<([A-Za-z0-9_]+)>/y;
  named.lastIndex = start;
  const match = named.exec(text);
  if (!match) return { start };
  const end = start + match[0].length - 1;
  return { start, name: { start: end - (match[1]?.length ?? 0), end } };
}

function skipQuote(text: string, at: number): number {
  const end = text.indexOf('\\E', at + 2);
  return end < 0 ? text.length : end + 2;
}

function readProperty(text: string, start: number): TextRange | undefined {
  const property = /\\[pP](?:\{[^}]*\}|[^{])/suy;
  property.lastIndex = start;
  const match = property.exec(text);
  return match ? { start, end: start + match[0].length } : undefined;
}
