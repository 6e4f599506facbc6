// The objects that stand in one file, before anything is built of them: what an editor and the fleet look at.
import { isMap } from 'yaml';
import { maximumFileSize, parseYaml } from './documents';
import { fieldText, type MappingNode, nodeOf, type PlaceOf, plainOf, type TreeNode } from './nodes';
import { readPlainBlocks } from './plainBlocks';

export interface FileObject {
  /** Plain JSON, made when it is asked for. */
  readonly object: unknown;
  /** The same, with places. */
  readonly node: MappingNode;
  readonly file: string;
  /** Zero-based, in the file. */
  readonly documentIndex: number;
}

/** Everything with a `kind`, items of lists included. Documents that are broken, or that are no objects, are left out. */
export function readObjects(
  file: string,
  text: string,
  placeOf: PlaceOf,
  documents = readPlainBlocks(text, placeOf),
): readonly FileObject[] {
  if (text.length > maximumFileSize) return [];
  const describe = (root: TreeNode | undefined, documentIndex: number): readonly FileObject[] =>
    openLists(root).map((node) => ({
      get object() {
        return plainOf(node);
      },
      node,
      file,
      documentIndex,
    }));
  if (documents !== undefined) return documents.flatMap(describe);
  return parseYaml(text).flatMap((document, documentIndex) => {
    if (document.errors.length > 0 || !isMap(document.contents)) return [];
    return describe(nodeOf(document, placeOf), documentIndex);
  });
}

function openLists(node: TreeNode | undefined): readonly MappingNode[] {
  if (node?.type !== 'mapping') return [];
  const kind = fieldText(node, 'kind');
  const items = node.fields.get('items');
  if (kind.endsWith('List') && items?.type === 'sequence') return items.items.flatMap((item) => openLists(item));
  return kind === '' ? [] : [node];
}
