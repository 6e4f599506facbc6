import type { TextRange } from '../model/text';

export interface GroupOpening {
  readonly start: number;
  /** The range of the name in `(?P<name>` or `(?<name>`. */
  readonly name?: TextRange;
}

export interface GroupScan {
  readonly openings: readonly GroupOpening[];
  readonly unclosed: readonly number[];
  readonly unexpected: readonly number[];
}

/** Finds a Go pattern's parentheses, past escapes, `\Q…\E` and character classes. Total: also for patterns that Go refuses. */
export function scanGroups(text: string): GroupScan {
  const openings: GroupOpening[] = [];
  const open: number[] = [];
  const unexpected: number[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at];
    if (character === '\\') at = skipEscape(text, at);
    else if (character === '[') at = skipClass(text, at);
    else {
      if (character === '(') {
        openings.push(readOpening(text, at));
        open.push(at);
      } else if (character === ')' && open.pop() === undefined) unexpected.push(at);
      at++;
    }
  }
  return { openings, unclosed: open, unexpected };
}

function readOpening(text: string, start: number): GroupOpening {
  const named = /\(\?P?<([A-Za-z0-9_]+)>/y;
  named.lastIndex = start;
  const match = named.exec(text);
  if (!match) return { start };
  const end = start + match[0].length - 1;
  return { start, name: { start: end - (match[1]?.length ?? 0), end } };
}

function skipEscape(text: string, at: number): number {
  if (text[at + 1] !== 'Q') return at + 2;
  const end = text.indexOf('\\E', at + 2);
  return end < 0 ? text.length : end + 2;
}

/** A `]` right after `[` or `[^` is a member; `[:name:]` is one too. */
function skipClass(text: string, start: number): number {
  let at = start + 1;
  if (text[at] === '^') at++;
  if (text[at] === ']') at++;
  while (at < text.length && text[at] !== ']') {
    const close = text.startsWith('[:', at) ? text.indexOf(':]', at + 2) : -1;
    if (close >= 0) at = close + 2;
    else at += text[at] === '\\' ? 2 : 1;
  }
  return at + 1;
}
