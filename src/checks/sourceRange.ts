import type { Scalar } from '../manifests/scalars';
import type { TextRange } from '../model/text';

/**
 * Where a part of a scalar's value stands in the source, past quotes and escapes. The whole scalar where that cannot be
 * told: block scalars and those that span lines.
 */
export function sourceRange(text: string, scalar: Scalar, part: TextRange): TextRange {
  const offsets = part.end > part.start ? sourceOffsets(text.slice(scalar.range.start, scalar.range.end), scalar) : [];
  const start = offsets[part.start];
  const end = offsets[part.end];
  return start === undefined || end === undefined
    ? scalar.range
    : { start: scalar.range.start + start, end: scalar.range.start + end };
}

/** For every character of the value, and for its end, the offset in the source; empty when they do not line up. */
function sourceOffsets(source: string, scalar: Scalar): readonly number[] {
  if (scalar.isBlock || source.includes('\n')) return [];
  const quote = source[0] === '"' || source[0] === "'" ? source[0] : '';
  const last = source.length - quote.length;
  const offsets: number[] = [];
  let at = quote.length;
  while (at < last) {
    const length = unitLength(source, at, quote);
    offsets.push(at);
    // A code point beyond the basic plane is two characters of the value.
    if (quote === '"' && length === 10 && parseInt(source.slice(at + 2, at + 10), 16) > 0xffff) offsets.push(at);
    at += length;
  }
  offsets.push(last);
  return offsets.length === scalar.text.length + 1 ? offsets : [];
}

function unitLength(source: string, at: number, quote: string): number {
  if (quote === "'" && source.startsWith("''", at)) return 2;
  if (quote !== '"' || source[at] !== '\\') return 1;
  return { x: 4, u: 6, U: 10 }[source[at + 1] ?? ''] ?? 2;
}
