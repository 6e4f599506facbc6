// What stands at an offset of a file: for an editor, while somebody points or types.
import { isMap, isScalar, isSeq } from 'yaml';
import { type ParsedDocument } from './documents';
import { describeScalar, keyText, type Scalar } from './scalars';

export interface ScalarAt {
  readonly document: ParsedDocument;
  /** Keys and list indexes from the root of the document. */
  readonly path: readonly (string | number)[];
  readonly scalar: Scalar;
}

/** The value whose scalar holds the offset, its ends included; keys are none. */
export function findScalar(documents: readonly ParsedDocument[], offset: number): ScalarAt | undefined {
  for (const document of documents) {
    if (offset < document.range.start || offset > document.range.end) continue;
    const found = descend(document.yaml.contents, offset, []);
    if (found !== undefined) return { document, ...found };
  }
  return undefined;
}

function descend(
  node: unknown,
  offset: number,
  path: readonly (string | number)[],
): Omit<ScalarAt, 'document'> | undefined {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const found = isScalar(key) ? descend(value, offset, [...path, keyText(key)]) : undefined;
      if (found !== undefined) return found;
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const found = descend(item, offset, [...path, index]);
      if (found !== undefined) return found;
    }
  } else if (isScalar(node)) {
    const scalar = describeScalar(node);
    if (offset >= scalar.range.start && offset <= scalar.range.end) return { path, scalar };
  }
  return undefined;
}
