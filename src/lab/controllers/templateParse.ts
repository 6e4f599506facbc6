// The part of Go's text/template that commit messages use: fields, variables, range, if, with, pipelines, trim marks. What is
// not here is refused with Go's words, as the controller refuses what Go does not know; nothing is left out in silence.

export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

export type Term =
  | { readonly kind: 'field'; readonly path: readonly string[] } // .A.B; empty for the dot
  | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] } // $x.A
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'call'; readonly name: string }
  | { readonly kind: 'group'; readonly pipe: Pipe };

/** Commands joined by `|`; each one is its terms, the first of which may be a function. */
export interface Pipe {
  readonly declares: readonly string[];
  readonly commands: readonly (readonly Term[])[];
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'show'; readonly pipe: Pipe }
  | {
      readonly kind: 'range' | 'if' | 'with';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

interface Piece {
  readonly kind: 'text' | 'action';
  readonly text: string;
  readonly line: number;
}

/** Functions of the language and of sprig that are known here. */
export const functionNames: readonly string[] =
  'and eq len ne not or print printf println lower quote trim trunc upper'.split(' ');

function refuse(line: number, text: string): TemplateError {
  return new TemplateError(`template: commit message:${line}: ${text}`);
}

function pieces(source: string): readonly Piece[] {
  const found: Piece[] = [];
  let at = 0;
  let trimsNext = false;
  const lineAt = (offset: number): number => source.slice(0, offset).split('\n').length;
  for (;;) {
    const open = source.indexOf('{{', at);
    let text = open < 0 ? source.slice(at) : source.slice(at, open);
    if (trimsNext) text = text.trimStart();
    if (open >= 0 && /^\{\{-\s/.test(source.slice(open))) text = text.trimEnd();
    if (text !== '') found.push({ kind: 'text', text, line: lineAt(at) });
    if (open < 0) return found;
    const close = source.indexOf('}}', open);
    if (close < 0) throw refuse(lineAt(open), 'unclosed action');
    let inner = source.slice(open + 2, close);
    if (/^-\s/.test(inner)) inner = inner.slice(1);
    trimsNext = /\s-$/.test(inner);
    if (trimsNext) inner = inner.slice(0, -1);
    if (!/^\s*\/\*[\s\S]*\*\/\s*$/.test(inner)) found.push({ kind: 'action', text: inner.trim(), line: lineAt(open) });
    at = close + 2;
  }
}

const token = /\s+|"(?:[^"\\]|\\.)*"|`[^`]*`|:=|[|(),]|\$\w*(?:\.\w+)*|\.\w+(?:\.\w+)*|\.|-?\d+|\w+|[\s\S]/g;

function words(action: string): readonly string[] {
  return (action.match(token) ?? []).filter((word) => word.trim() !== '');
}

/** A Go string literal; its escapes are JSON's, as far as messages use them. */
function unquote(word: string, line: number): string {
  try {
    const text: string = JSON.parse(word);
    return text;
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse(line, 'invalid syntax');
    throw error;
  }
}

function term(word: string, line: number): Term {
  if (word.startsWith('"')) return { kind: 'literal', value: unquote(word, line) };
  if (word.startsWith('`')) return { kind: 'literal', value: word.slice(1, -1) };
  if (/^-?\d+$/.test(word)) return { kind: 'literal', value: Number(word) };
  if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
  if (word === '.') return { kind: 'field', path: [] };
  if (word.startsWith('.')) return { kind: 'field', path: word.slice(1).split('.') };
  if (word.startsWith('$')) {
    const [name = '$', ...path] = word.split('.');
    return { kind: 'variable', name, path };
  }
  if (!/^\w+$/.test(word)) throw refuse(line, `unexpected "${word}" in operand`);
  if (!functionNames.includes(word)) throw refuse(line, `function "${word}" not defined`);
  return { kind: 'call', name: word };
}

function pipe(list: readonly string[], line: number): Pipe {
  const assign = list.indexOf(':=');
  const declares = assign < 0 ? [] : list.slice(0, assign).filter((word) => word !== ',');
  const commands: Term[][] = [[]];
  const rest = list.slice(assign + 1);
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? '';
    if (word === '|') commands.push([]);
    else if (word === '(') {
      const end = closing(rest, index, line);
      commands.at(-1)?.push({ kind: 'group', pipe: pipe(rest.slice(index + 1, end), line) });
      index = end;
    } else commands.at(-1)?.push(term(word, line));
  }
  if (commands.some((command) => command.length === 0)) throw refuse(line, 'missing value for command');
  return { declares, commands };
}

function closing(list: readonly string[], open: number, line: number): number {
  let depth = 0;
  for (let index = open; index < list.length; index += 1) {
    if (list[index] === '(') depth += 1;
    if (list[index] === ')') depth -= 1;
    if (depth === 0) return index;
  }
  throw refuse(line, 'unclosed left paren');
}

/** The template as a tree. Throws TemplateError with Go's words. */
export function parseTemplate(source: string): readonly Node[] {
  const list = pieces(source);
  let at = 0;
  const block = (opened: string | undefined): { readonly nodes: readonly Node[]; readonly end: string } => {
    const nodes: Node[] = [];
    for (; at < list.length; ) {
      const piece = list[at];
      at += 1;
      if (piece === undefined) break;
      if (piece.kind === 'text') {
        nodes.push({ kind: 'text', text: piece.text });
        continue;
      }
      const [head = '', ...rest] = words(piece.text);
      if (head === 'end' || head === 'else') {
        if (opened === undefined) throw refuse(piece.line, `unexpected {{${head}}}`);
        return { nodes, end: head };
      }
      if (head === 'range' || head === 'if' || head === 'with') {
        const body = block(head);
        const otherwise = body.end === 'else' ? block(head).nodes : [];
        nodes.push({ kind: head, pipe: pipe(rest, piece.line), body: body.nodes, otherwise });
      } else
        nodes.push({
          kind: 'show',
          pipe: pipe(
            [head, ...rest].filter((word) => word !== ''),
            piece.line,
          ),
        });
    }
    if (opened !== undefined) throw refuse(source.split('\n').length, 'unexpected EOF');
    return { nodes, end: '' };
  };
  return block(undefined).nodes;
}
