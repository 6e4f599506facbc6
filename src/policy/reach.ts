import { after, before, op, type Program, readFlags } from './program';

/** What can be read next from a place in the program, and whether a match stands there. */
export interface Reach {
  readonly isMatch: boolean;
  readonly places: readonly number[];
}

/** Follows all that needs no character. `flags` are the assertions that hold here. */
export function explore(program: Program, start: number, flags: number): Reach {
  const seen = new Set<number>([start]);
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
  return { isMatch, places };
}

/** Whether a match may begin behind the first character of a text without line breaks. */
export function canBeginLater(program: Program): boolean {
  return [before.word, before.other].some((previous) =>
    [after.end, after.word, after.other].some((next) => {
      const { isMatch, places } = explore(program, program.start, readFlags(previous, next));
      return isMatch || places.length > 0;
    }),
  );
}
