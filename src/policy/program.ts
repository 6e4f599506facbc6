// The program that re2js compiles a pattern to. An inner surface of re2js 2.10.0: `program.test.ts` pins what we rely on.

export interface Instruction {
  readonly op: number;
  readonly out: number;
  /** The other branch, the number of a capture, or the bits of an empty-width assertion. */
  readonly arg: number;
  readonly runes: ArrayLike<number>;
  matchRune(rune: number): boolean;
}

export interface Program {
  readonly inst: readonly Instruction[];
  readonly start: number;
}

export const op = {
  alt: 1,
  altMatch: 2,
  capture: 3,
  emptyWidth: 4,
  fail: 5,
  match: 6,
  nop: 7,
  rune: 8,
  rune1: 9,
  runeAny: 10,
  runeAnyNotNl: 11,
} as const;

export const assertion = {
  beginLine: 1,
  endLine: 2,
  beginText: 4,
  endText: 8,
  wordBoundary: 16,
  noWordBoundary: 32,
} as const;

/** What stands before and behind a place in the text. */
export const before = { begin: 0, word: 1, other: 2 } as const;
export const after = { end: 0, word: 1, other: 2 } as const;

/** The assertions that hold between two characters, in a text without line breaks. */
export function readFlags(previous: number, next: number): number {
  const isBoundary = (previous === before.word) !== (next === after.word);
  return (
    (previous === before.begin ? assertion.beginText | assertion.beginLine : 0) |
    (next === after.end ? assertion.endText | assertion.endLine : 0) |
    (isBoundary ? assertion.wordBoundary : assertion.noWordBoundary)
  );
}

/** The literal text that everything the program matches begins with; empty when it may match anywhere. */
export function readFixedPrefix(program: Program): string {
  let isAnchored = false;
  let prefix = '';
  let at = program.start;
  for (;;) {
    const instruction = program.inst[at];
    if (!instruction) return prefix;
    if (instruction.op === op.emptyWidth) {
      isAnchored ||= (instruction.arg & assertion.beginText) !== 0;
    } else if (isSingleRune(instruction)) {
      if (!isAnchored) return '';
      prefix += String.fromCodePoint(instruction.runes[0] ?? 0);
    } else if (instruction.op !== op.capture && instruction.op !== op.nop) {
      return prefix;
    }
    at = instruction.out;
  }
}

/** `arg` is 1 when letters of the other case count too. */
function isSingleRune({ arg, runes }: Instruction): boolean {
  return runes.length === 1 && (arg & 1) === 0;
}
