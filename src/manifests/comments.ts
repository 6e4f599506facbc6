// Which comment belongs to a scalar, as go-yaml 3 attaches comments (scannerc.go scan_line_comment and scan_comments).
// The yaml package attaches them by other rules, so this works on the text around a scalar, never on `node.comment`.
import type { TextRange } from '../model/text';

export interface Comment {
  /** From the first `#`, without the line end. */
  readonly text: string;
  readonly range: TextRange;
}

/** What stands around a scalar: the gap is the text between the token before it and its own first token. */
export interface ScalarPlace {
  readonly range: TextRange;
  readonly isBlock: boolean;
  readonly isEmpty: boolean;
  readonly isInFlow: boolean;
  readonly gap: ScalarGap | undefined;
}

/** Only list items and values below their key can have a head comment; `isAfterKey` tells the second kind. */
export interface ScalarGap {
  readonly start: number;
  readonly end: number;
  readonly isAfterKey: boolean;
  /** Column of the innermost block collection that is open before the gap. */
  readonly indent: number;
}

/** The line comment, or when there is none the head comment: the one that image-automation-controller looks at. */
export function commentOf(text: string, scalar: ScalarPlace): Comment | undefined {
  if (scalar.isEmpty) return undefined;
  return lineCommentOf(text, scalar) ?? (scalar.gap === undefined ? undefined : headCommentOf(text, scalar.gap));
}

function lineCommentOf(text: string, scalar: ScalarPlace): Comment | undefined {
  let offset = scalar.range.end;
  if (scalar.isBlock) {
    offset = scalar.range.start;
    while (offset < text.length && /[|>+\-0-9]/.test(text.charAt(offset))) offset += 1;
  }
  if (scalar.isInFlow) return flowLineComment(text, scalar, offset);
  offset = skipBlanks(text, offset);
  return text.charAt(offset) === '#' ? commentAt(text, offset) : undefined;
}

/** In a flow collection also the comments behind its comma, on whatever line, and behind its `:`. Two of them are joined. */
function flowLineComment(text: string, scalar: ScalarPlace, end: number): Comment | undefined {
  const found: Comment[] = [];
  const take = (from: number): number => {
    const offset = skipBlanks(text, from);
    if (text.charAt(offset) !== '#') return from;
    const comment = commentAt(text, offset);
    found.push(comment);
    return comment.range.end;
  };
  if (scalar.gap?.isAfterKey === true) {
    const colon = text.indexOf(':', scalar.gap.start);
    if (colon >= 0 && colon < scalar.gap.end) take(colon + 1);
  }
  const behind = skipToToken(text, take(end));
  if (text.charAt(behind) === ',') take(behind + 1);
  return found.length === 1 ? found[0] : undefined;
}

/** Over blanks, line ends and comment lines. */
function skipToToken(text: string, from: number): number {
  let offset = from;
  while (offset < text.length) {
    if (/\s/.test(text.charAt(offset))) offset += 1;
    else if (text.charAt(offset) === '#' && /\s/.test(text.charAt(offset - 1)))
      offset = commentAt(text, offset).range.end;
    else break;
  }
  return offset;
}

function skipBlanks(text: string, from: number): number {
  let offset = from;
  while (text.charAt(offset) === ' ' || text.charAt(offset) === '\t') offset += 1;
  return offset;
}

function commentAt(text: string, start: number): Comment {
  const newline = text.indexOf('\n', start);
  const lineEnd = newline < 0 ? text.length : newline;
  const end = text.charAt(lineEnd - 1) === '\r' && newline >= 0 ? lineEnd - 1 : lineEnd;
  return { text: text.slice(start, end), range: { start, end } };
}

/**
 * A marker can only be a head of one line: several are joined and are no JSON any more. What is set off by a blank line
 * directly below the token before, or stands further left than the open block, belongs to what was before (scan_comments).
 */
function headCommentOf(text: string, gap: ScalarGap): Comment | undefined {
  // The rest of the line before belongs to what stands there.
  const lines = linesOfGap(text, gap).slice(1);
  let head: GapLine[] = [];
  let isFirstBlank = true;
  let isBelowToken = !gap.isAfterKey;
  for (const line of lines) {
    const start = head[0]?.column ?? line.column;
    if (line.isBlank) {
      if (isFirstBlank && head[0]?.hasDash !== true && (isBelowToken || start < gap.indent)) head = [];
      isFirstBlank = false;
      if (head.length === 0) isBelowToken = false;
      continue;
    }
    if (line.column < gap.indent && line.column !== start) head = [];
    if (line.comment !== undefined) head.push(line);
    else isBelowToken = true;
  }
  return head.length === 1 ? head[0]?.comment : undefined;
}

interface GapLine {
  readonly comment: Comment | undefined;
  readonly isBlank: boolean;
  /** Zero-based, of the first character that is no blank. */
  readonly column: number;
  /** The line begins with the `-` of an item. */
  readonly hasDash: boolean;
}

function linesOfGap(text: string, gap: ScalarGap): readonly GapLine[] {
  const lines: GapLine[] = [];
  for (let offset = gap.start; offset <= gap.end; ) {
    const newline = text.indexOf('\n', offset);
    const end = newline < 0 || newline >= gap.end ? gap.end : newline;
    // A comment behind the `-` of the item is a head of the item too.
    const lead = /^\s*(?:-\s+)*/.exec(text.slice(offset, end))?.[0].length ?? 0;
    const isComment = text.charAt(offset + lead) === '#' && offset + lead < end;
    lines.push({
      comment: isComment ? commentAt(text, offset + lead) : undefined,
      column: text.slice(offset, end).search(/\S|$/),
      hasDash: text.slice(offset, offset + lead).includes('-'),
      isBlank: text.slice(offset, end).trim() === '' && end !== gap.end,
    });
    offset = end + 1;
  }
  return lines;
}
