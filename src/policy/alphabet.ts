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
export const tagCharacters = 'xabcdefghijklmnopqrstuvwyz1234567890XABCDEFGHIJKLMNOPQRSTUVWYZ-._';

export const longestTag = 128;

/** Which characters an instruction takes, by their place in the text of all characters. */
export type Row = Uint8Array;

/** One row for each instruction that takes a character. Equal instructions share one. */
export function readRows(program: Program, characters: string): readonly (Row | undefined)[] {
  const known = new Map<string, Row>();
  return program.inst.map((instruction) => {
    if (instruction.op < op.rune) return undefined;
    const key = `${instruction.op} ${instruction.arg} ${Array.prototype.join.call(instruction.runes)}`;
    const row = known.get(key) ?? readRow(instruction, characters);
    known.set(key, row);
    return row;
  });
}

function readRow(instruction: Instruction, characters: string): Row {
  const row = new Uint8Array(characters.length);
  for (let at = 0; at < row.length; at++) row[at] = instruction.matchRune(characters.charCodeAt(at)) ? 1 : 0;
  return row;
}

/** Numbers the characters so that equal numbers mean: no row tells them apart, nor does their kind. */
export function readClasses(rows: Iterable<Row | undefined>, kinds: readonly number[]): readonly number[] {
  let classes = kinds;
  for (const row of new Set(rows)) {
    if (!row) continue;
    const numbers = new Map<number, number>();
    classes = classes.map((old, at) => {
      const key = 2 * old + (row[at] ?? 0);
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    });
  }
  return classes;
}

/** The letters that all these instructions tell apart, the most readable first. */
export function readLetters(rows: Iterable<Row | undefined>): readonly Letter[] {
  const classes = readClasses(rows, tagKinds);
  return tagLetters.filter(({ index }) => classes.indexOf(classes[index] ?? 0) === index);
}

export function isWord(character: string): boolean {
  return /[A-Za-z0-9_]/.test(character);
}

function isFirst(character: string): boolean {
  return character !== '-' && character !== '.';
}

const tagLetters: readonly Letter[] = Array.from(tagCharacters, (character, index) => ({
  character,
  index,
  isWord: isWord(character),
  isFirst: isFirst(character),
}));

const tagKinds: readonly number[] = tagLetters.map((letter) => (letter.isWord ? 0 : letter.isFirst ? 1 : 2));
