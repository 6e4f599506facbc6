// Where one YAML document ends and the next begins, as kyaml cuts a file before it parses (kio/byteio_reader.go).
import type { TextRange } from '../model/text';

export interface DocumentText extends TextRange {
  /** As `parseDocuments` counts: comments before the first separator are no document of their own. */
  readonly index: number;
}

/** Undefined when a separator carries more than a comment, which refuses the whole file. */
export function splitDocuments(text: string): readonly DocumentText[] | undefined {
  const chunks: TextRange[] = [];
  let start = 0;
  for (const match of text.matchAll(/\r?\n---([^\n]*)\n/g)) {
    const behind = (match[1] ?? '').trim();
    if (behind !== '' && !behind.startsWith('#')) return undefined;
    chunks.push({ start, end: match.index + (match[0].startsWith('\r') ? 2 : 1) });
    start = match.index + match[0].length;
  }
  if (text !== '') chunks.push({ start, end: text.length });
  const [first] = chunks;
  const skipped = chunks.length > 1 && first !== undefined && isOnlyComment(text.slice(0, first.end)) ? 1 : 0;
  return chunks.map((chunk, index) => ({ ...chunk, index: Math.max(index - skipped, 0) }));
}

function isOnlyComment(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(?:#.*)?\r?$/.test(line));
}
