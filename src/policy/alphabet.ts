import { type Instruction, op, type Program } from './program';

/** A set of characters of legal tags that no instruction tells apart, by one of them. */
export interface Letter {
  readonly character: string;
  readonly isWord: boolean;
  /** Whether a tag may begin with it. */
  readonly isFirst: boolean;
  /** The place in `tagCharacters`. */
  readonly index: number;
}

/** All that a tag may hold (OCI distribution), the most readable first: a witness takes the first that will do. */
const tagCharacters = 'xabcdefghijklmnopqrstuvwyz1234567890XABCDEFGHIJKLMNOPQRSTUVWYZ-._';

export const longestTag = 128;

/** Which characters an instruction takes, by their place in `tagCharacters`. */
export type Row = Uint8Array;

/** One row for each instruction that takes a character. Equal instructions share one. */
export function readRows(program: Program): ReadonlyMap<Instruction, Row> {
  const rows = new Map<Instruction, Row>();
  const known = new Map<string, Row>();
  for (const instruction of program.inst) {
    if (instruction.op < op.rune) continue;
    const key = `${instruction.op} ${instruction.arg} ${Array.from(instruction.runes).join()}`;
    const row = known.get(key) ?? readRow(instruction);
    known.set(key, row);
    rows.set(instruction, row);
  }
  return rows;
}

function readRow(instruction: Instruction): Row {
  const row = new Uint8Array(tagCharacters.length);
  const takesAll = instruction.op === op.runeAny || instruction.op === op.runeAnyNotNl;
  for (let at = 0; at < row.length; at++) {
    row[at] = takesAll || instruction.matchRune(tagCharacters.charCodeAt(at)) ? 1 : 0;
  }
  return row;
}

/** The letters that all these instructions tell apart, the most readable first. */
export function readLetters(rows: Iterable<Row>): readonly Letter[] {
  let classes = Array.from(tagCharacters, (character): number => (isWord(character) ? 0 : isFirst(character) ? 1 : 2));
  for (const row of new Set(rows)) {
    const numbers = new Map<number, number>();
    classes = classes.map((old, at) => {
      const key = 2 * old + (row[at] ?? 0);
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    });
  }
  const seen = new Set<number>();
  return Array.from(tagCharacters).flatMap((character, index) => {
    const number = classes[index] ?? 0;
    if (seen.has(number)) return [];
    seen.add(number);
    return [{ character, index, isWord: isWord(character), isFirst: isFirst(character) }];
  });
}

function isWord(character: string): boolean {
  return /[A-Za-z0-9_]/.test(character);
}

function isFirst(character: string): boolean {
  return character !== '-' && character !== '.';
}
