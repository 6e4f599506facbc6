// One scalar of a YAML document: its text, whatever YAML reads it as, and where it stands.
import type { TextRange } from '../model/text';

export interface Scalar {
  /** As a string, whatever YAML reads it as. */
  readonly text: string;
  readonly value: unknown;
  /** Quotes included, anchor and tag not. */
  readonly range: TextRange;
  readonly isPlain: boolean;
  readonly isBlock: boolean;
}

export function keyText(key: { readonly value: unknown; readonly source?: string }): string {
  return key.source ?? (typeof key.value === 'string' ? key.value : '');
}

export function describeScalar(node: {
  readonly value: unknown;
  readonly source?: string;
  readonly type?: string;
  readonly range?: readonly [number, number, number] | null;
}): Scalar {
  return {
    text: node.source ?? (typeof node.value === 'string' ? node.value : ''),
    value: node.value,
    range: { start: node.range?.[0] ?? 0, end: node.range?.[1] ?? 0 },
    isPlain: node.type === 'PLAIN',
    isBlock: node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED',
  };
}
