import { after, before, op, type Program, readFlags } from './program';

/** What can be read next from places in the program, and whether a match stands there. */
export interface Reach {
  readonly isMatch: boolean;
  readonly places: readonly number[];
  /** How many instructions were visited. */
  readonly size: number;
}

/** Follows all that needs no character. `flags` are the assertions that hold here. */
export function explore(program: Program, starts: readonly number[], flags: number): Reach {
  const seen = new Set(starts);
  const places: number[] = [];
  let isMatch = false;
  for (const place of seen) {
    const instruction = program.inst[place];
    if (!instruction || instruction.op === op.fail) continue;
    if (instruction.op === op.match) isMatch = true;
    else if (instruction.op >= op.rune) places.push(place);
    else if (instruction.op !== op.emptyWidth || (instruction.arg & ~flags) === 0) {
      seen.add(instruction.out);
      if (instruction.op === op.alt || instruction.op === op.altMatch) seen.add(instruction.arg);
    }
  }
  return { isMatch, places, size: seen.size };
}

/** Whether a match may begin behind the first character of a text without line breaks. */
export function canBeginLater(program: Program): boolean {
  return [before.word, before.other].some((previous) =>
    [after.end, after.word, after.other].some((next) => {
      const { isMatch, places } = explore(program, [program.start], readFlags(previous, next));
      return isMatch || places.length > 0;
    }),
  );
}
