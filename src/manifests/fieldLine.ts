// Where a field of a manifest is written.
import { isMap, isScalar } from 'yaml';
import { parseDocuments } from './documents';
import { keyText } from './scalars';

/** The one-based line of the field's key, in the document that holds `line`; undefined where that document has no such field. */
export function findFieldLine(text: string, line: number, path: readonly string[]): number | undefined {
  const offset = text.split('\n', line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const document = parseDocuments('', text).documents.findLast(({ range }) => range.start <= offset);
  if (document?.value === undefined) return undefined;
  let node: unknown = document.yaml.contents;
  let start: number | undefined;
  for (const name of path) {
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && keyText(key) === name) : undefined;
    if (pair === undefined) return undefined;
    start = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
    node = pair.value;
  }
  return start === undefined ? undefined : text.slice(0, start).split('\n').length;
}
