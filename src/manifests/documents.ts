// YAML files as documents with offsets. Broken text, bombs and huge files are values here, never exceptions.
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  type Document as YamlDocument,
} from 'yaml';
import type { Problem } from '../model/problem';
import type { TextRange } from '../model/text';
import { type MappingNode, plainOf, type TreeNode, WrittenScalar } from './nodes';
import { readPlainBlocks } from './plainBlocks';
import { describeScalar, keyText, type Scalar } from './scalars';

/** UTF-16 code units; a larger file is not parsed. */
export const maximumFileSize = 5 * 1024 * 1024;

/** How often aliases may multiply a document before it counts as a bomb (yaml's own default). */
const maximumAliasCount = 100;

export interface SyntaxProblem {
  readonly code: 'yaml-broken' | 'file-too-large' | 'alias-bomb';
  readonly message: string;
  readonly range: TextRange;
}

export interface ParsedDocument {
  /** Zero-based, in the file; documents without content count. */
  readonly index: number;
  readonly range: TextRange;
  readonly yaml: YamlDocument.Parsed;
  /** Plain JSON; undefined for an empty document and for one that is broken or a bomb. */
  readonly value: unknown;
  readonly problems: readonly SyntaxProblem[];
  /** Where the document is of the plainest kind, so that most questions need no YAML reader. */
  readonly plain?: MappingNode;
}

export interface ParsedFile {
  readonly file: string;
  readonly text: string;
  readonly documents: readonly ParsedDocument[];
  /** Of all documents, and of the file itself. */
  readonly problems: readonly SyntaxProblem[];
}

export function parseDocuments(file: string, text: string): ParsedFile {
  if (text.length > maximumFileSize) {
    const message = `This file is larger than ${maximumFileSize / 1024 / 1024} MB and was not read; split it.`;
    return { file, text, documents: [], problems: [{ code: 'file-too-large', message, range: { start: 0, end: 0 } }] };
  }
  if (isNestedTooDeeply(text)) {
    const message = `This file is nested more than ${maximumNesting} levels deep and was not read.`;
    return { file, text, documents: [], problems: [{ code: 'yaml-broken', message, range: { start: 0, end: 0 } }] };
  }
  const plain = readPlainBlocks(text, (start, end) => ({ file, range: { start, end }, line: 0 }));
  if (plain !== undefined) return { file, text, documents: describePlain(text, plain), problems: [] };
  const parsed = parseYaml(text);
  const documents = parsed.map((yaml, index) => describeDocument(yaml, index));
  return { file, text, documents, problems: documents.flatMap((document) => document.problems) };
}

/** As Flux's own reader: merge keys work, a repeated key is no error. */
export function parseYaml(text: string): readonly YamlDocument.Parsed[] {
  // The parser recurses, and the process does not survive the end of its stack: an error document takes the place.
  if (isNestedTooDeeply(text)) return parseYaml('[');
  const parsed = parseAllDocuments(text, {
    merge: true,
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
    keepSourceTokens: true,
  });
  return Array.isArray(parsed) ? parsed : [];
}

const maximumNesting = 200;

/** Counts brackets without regard to quotes, and the steps of indentation and dashes of each line. */
function isNestedTooDeeply(text: string): boolean {
  if (text.length <= maximumNesting) return false;
  let open = 0;
  for (const match of text.matchAll(/[[{\]}]|^(?:[ ]{2,}|[ ]*(?:[-?:][ \t]+)+)/gm)) {
    const [token] = match;
    if (token === '[' || token === '{') open += 1;
    else if (token === ']' || token === '}') open = Math.max(open - 1, 0);
    else if (token.length > maximumNesting * 4) return true;
    if (open > maximumNesting) return true;
  }
  return false;
}

/** Parsed as a whole only when somebody asks for more than plain values and scalars. */
function describePlain(text: string, roots: readonly MappingNode[]): readonly ParsedDocument[] {
  let parsed: readonly YamlDocument.Parsed[] | undefined;
  const yamlAt = (index: number): YamlDocument.Parsed => {
    parsed ??= parseYaml(text);
    const yaml = parsed[index];
    if (yaml === undefined) throw new Error(`Document ${index} is not there for the whole YAML reader`);
    return yaml;
  };
  return roots.map((plain, index) => ({
    index,
    plain,
    value: plainOf(plain),
    problems: [],
    get yaml() {
      return yamlAt(index);
    },
    get range() {
      const [start, , end] = yamlAt(index).range;
      return { start, end };
    },
  }));
}

function describeDocument(yaml: YamlDocument.Parsed, index: number): ParsedDocument {
  const problems: SyntaxProblem[] = yaml.errors.map((error) => ({
    code: 'yaml-broken',
    message: error.message,
    range: { start: error.pos[0], end: error.pos[1] },
  }));
  const range = { start: yaml.range[0], end: yaml.range[2] };
  const value = problems.length === 0 ? plainValue(yaml, problems) : undefined;
  return { index, range, yaml, value, problems };
}

function plainValue(yaml: YamlDocument.Parsed, problems: SyntaxProblem[]): unknown {
  try {
    const value: unknown = yaml.toJS({ maxAliasCount: maximumAliasCount });
    return value ?? undefined;
  } catch (error) {
    // yaml throws a ReferenceError for both a bomb and an alias without an anchor.
    const message = error instanceof Error ? error.message : String(error);
    problems.push({ code: 'alias-bomb', message, range: { start: yaml.range[0], end: yaml.range[2] } });
    return undefined;
  }
}

/** The trouble with a file as a `Problem` of the repository. */
export function problemOfFile(parsed: ParsedFile): Problem | undefined {
  const [first] = parsed.problems;
  if (first === undefined) return undefined;
  if (first.code === 'file-too-large') return { code: 'file-too-large', message: `${parsed.file}: ${first.message}` };
  const line = lineOf(parsed.text, first.range.start);
  return {
    code: 'yaml-broken',
    message: `${parsed.file} cannot be read as YAML (line ${line}); correct it, Flux skips or refuses it as it is.`,
    cause: first.message,
  };
}

/** The scalar at a path of keys and list indexes; aliases are followed to their anchor. */
export function scalarAt(document: ParsedDocument, path: readonly (string | number)[]): Scalar | undefined {
  if (document.plain !== undefined) return plainScalar(plainAt(document.plain, path));
  const node = nodeAt(document, path);
  return isScalar(node) ? describeScalar(node) : undefined;
}

/** The range of whatever stands at a path. */
export function rangeAt(document: ParsedDocument, path: readonly (string | number)[]): TextRange | undefined {
  if (document.plain !== undefined) {
    const node = plainAt(document.plain, path);
    if (node === undefined) return undefined;
    const scalar = plainScalar(node);
    if (scalar !== undefined) return scalar.range;
  }
  const range = nodeAt(document, path)?.range;
  return range ? { start: range[0], end: range[1] } : undefined;
}

function plainAt(root: TreeNode, path: readonly (string | number)[]): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const step of path) {
    if (node?.type === 'mapping') node = node.fields.get(String(step));
    else node = node?.type === 'sequence' && typeof step === 'number' ? node.items[step] : undefined;
  }
  return node;
}

function plainScalar(node: TreeNode | undefined): Scalar | undefined {
  if (!(node instanceof WrittenScalar)) return undefined;
  const { text, value, isPlain, start, end } = node;
  return { text, value, range: { start, end }, isPlain, isBlock: false };
}

export function nodeAt(document: ParsedDocument, path: readonly (string | number)[]): Node | undefined {
  let node: unknown = document.yaml.contents;
  for (const step of path) {
    node = follow(node, document.yaml);
    if (isMap(node)) {
      node = node.items.find(({ key }) => isScalar(key) && keyText(key) === String(step))?.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
    } else {
      return undefined;
    }
  }
  const found = follow(node, document.yaml);
  return isNode(found) ? found : undefined;
}

function follow(node: unknown, yaml: YamlDocument.Parsed): unknown {
  return isAlias(node) ? node.resolve(yaml) : node;
}

/** One-based. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** As `lineOf`, for many offsets of one text that mostly ascend: counts on from the last one. */
export function lineCounter(text: string): (offset: number) => number {
  let counted = 0;
  let line = 1;
  return (offset) => {
    if (offset < counted) [counted, line] = [0, 1];
    for (let at = text.indexOf('\n', counted); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
    counted = offset;
    return line;
  };
}

/**
 * Whether a file can matter to anybody here: Flux objects, markers, kustomizations and workloads with images.
 * A text test, three orders of magnitude cheaper than parsing; false is certain, true is not.
 */
export function isRelevant(text: string): boolean {
  return (
    text.includes('.toolkit.fluxcd.io') ||
    text.includes('$imagepolicy') ||
    /^kind:\s*["']?(?:Kustomization|Component)\b/m.test(text)
  );
}
