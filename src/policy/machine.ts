import { type Letter, longestTag, type Row, readLetters } from './alphabet';
import { after, before, type Program, readFlags } from './program';
import { canBeginLater, explore, type Reach } from './reach';

/**
 * A pattern as something that reads a tag letter by letter. States are numbers and know what kind of character came
 * before; a machine that has met a match accepts for ever, which is what an unanchored search means.
 */
export interface Machine {
  readonly start: number;
  readonly step: (state: number, letter: number) => readonly number[];
  /** Whether the tag is accepted when it ends here. */
  readonly accepts: (state: number) => boolean;
}

/** What a search may still spend. One unit is about a microsecond. */
export interface Meter {
  left: number;
}

export interface Walker {
  readonly program: Program;
  readonly rows: readonly (Row | undefined)[];
  /** Whether a match may begin behind the first character. */
  readonly canBeginLater: boolean;
  readonly reach: (place: number, previous: number, next: number) => Reach;
}

interface WalkedPattern {
  readonly program: Program;
  readonly tagRows: () => Walker['rows'];
}

export function createWalker({ program, tagRows }: WalkedPattern, meter: Meter): Walker {
  const known: (Reach | undefined)[] = [];
  const reach = (place: number, previous: number, next: number): Reach => {
    const key = (place * 3 + previous) * 3 + next;
    const found = known[key];
    if (found) return found;
    const fresh = explore(program, [place], readFlags(previous, next));
    meter.left -= fresh.size / 16;
    known[key] = fresh;
    return fresh;
  };
  return { program, rows: tagRows(), canBeginLater: canBeginLater(program), reach };
}

export function lettersOf(walkers: readonly Walker[]): readonly Letter[] {
  return readLetters(walkers.flatMap(({ rows }) => rows));
}

/** One thread of the pattern at a time: few states, many ways. */
export function createThreads({ program, rows, canBeginLater, reach }: Walker, letters: readonly Letter[]): Machine {
  const accepted = program.inst.length;
  const scanning = accepted + 1;
  const steps: (readonly number[] | undefined)[] = [];

  const advance = (state: number, letter: Letter): readonly number[] => {
    const place = Math.floor(state / 3);
    const kind = letter.isWord ? 1 : 2;
    if (place === accepted) return [accepted * 3 + kind];
    const { isMatch, places } = reach(place === scanning ? program.start : place, state % 3, kind);
    if (isMatch) return [accepted * 3 + kind];
    const next = new Set<number>();
    for (const at of places) {
      const out = program.inst[at]?.out;
      if (out !== undefined && rows[at]?.[letter.index] === 1) next.add(out * 3 + kind);
    }
    if (place === scanning && canBeginLater) next.add(scanning * 3 + kind);
    return [...next];
  };
  return {
    start: scanning * 3 + before.begin,
    step: (state, number) => {
      const key = state * letters.length + number;
      const letter = letters[number];
      const found = steps[key] ?? (letter ? advance(state, letter) : []);
      steps[key] = found;
      return found;
    },
    accepts: (state) => {
      const place = Math.floor(state / 3);
      return place === accepted || reach(place === scanning ? program.start : place, state % 3, after.end).isMatch;
    },
  };
}

/** All threads of the pattern at once: one way, states made as they are met. */
export interface Subsets extends Machine {
  /** Whether the tag is accepted whatever follows. */
  readonly hasAccepted: (state: number) => boolean;
}

export function createSubsets(
  { program, rows, canBeginLater }: Walker,
  letters: readonly Letter[],
  meter: Meter,
): Subsets {
  const accepted = 0;
  const subsets: { readonly places: readonly number[]; readonly previous: number }[] = [
    { places: [], previous: before.other },
    { places: [program.start], previous: before.begin },
  ];
  const numbers = new Map<string, number>();
  const steps: (readonly number[] | undefined)[] = [];
  const reaches: (Reach | undefined)[] = [];

  const numberOf = (places: readonly number[], previous: number): number => {
    const key = `${previous}:${places.join()}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    meter.left -= places.length / 8;
    numbers.set(key, subsets.length);
    return subsets.push({ places, previous }) - 1;
  };
  const reach = (state: number, next: number): Reach => {
    const known = reaches[state * 3 + next];
    if (known) return known;
    const { places = [], previous = before.other } = subsets[state] ?? {};
    const fresh = explore(program, places, readFlags(previous, next));
    meter.left -= fresh.size / 16;
    reaches[state * 3 + next] = fresh;
    return fresh;
  };
  const advance = (state: number, letter: Letter): number => {
    const kind = letter.isWord ? 1 : 2;
    const { isMatch, places } = reach(state, kind);
    if (isMatch || state === accepted) return accepted;
    meter.left -= places.length / 16;
    const next = new Set<number>();
    for (const at of places) {
      const out = program.inst[at]?.out;
      if (out !== undefined && rows[at]?.[letter.index] === 1) next.add(out);
    }
    if (canBeginLater) next.add(program.start);
    return numberOf(
      [...next].sort((left, right) => left - right),
      kind,
    );
  };
  return {
    start: 1,
    step: (state, number) => {
      const key = state * letters.length + number;
      const letter = letters[number];
      const found = steps[key] ?? (letter ? [advance(state, letter)] : []);
      steps[key] = found;
      return found;
    },
    accepts: (state) => state === accepted || reach(state, after.end).isMatch,
    hasAccepted: (state) => state === accepted,
  };
}

type Steps = Pick<Machine, 'start' | 'step'>;

/** The question that a search answers about two machines reading the same tag. */
export interface Question {
  readonly letters: readonly Letter[];
  readonly left: Steps;
  readonly right: Steps;
  /** The tag may end here. */
  readonly isFound: (left: number, right: number) => boolean;
  /** Nothing more can be found from here. */
  readonly isLost: (left: number, right: number) => boolean;
}

export type FoundTag = { readonly tag: string } | 'none' | 'exhausted';

/** Breadth first over pairs of states: a shortest legal tag, `none`, or `exhausted` when the meter ran out. */
export function findTag({ letters, left, right, isFound, isLost }: Question, meter: Meter): FoundTag {
  const pairs = [{ left: left.start, right: right.start, parent: -1, character: '', length: 0 }];
  const seen = new Map<number, Set<number>>();
  for (let at = 0; at < pairs.length; at++) {
    const pair = pairs[at];
    if (!pair || pair.length === longestTag) continue;
    for (const [number, letter] of letters.entries()) {
      if (pair.length === 0 && !letter.isFirst) continue;
      const lefts = left.step(pair.left, number);
      const rights = right.step(pair.right, number);
      meter.left -= (lefts.length * rights.length) / 16;
      if (meter.left < 0) return 'exhausted';
      for (const nextLeft of lefts) {
        const partners = seen.get(nextLeft) ?? new Set();
        seen.set(nextLeft, partners);
        for (const nextRight of rights) {
          if (partners.has(nextRight)) continue;
          partners.add(nextRight);
          meter.left -= 1;
          if (isLost(nextLeft, nextRight)) continue;
          const character = letter.character;
          pairs.push({ left: nextLeft, right: nextRight, parent: at, character, length: pair.length + 1 });
          if (isFound(nextLeft, nextRight)) return { tag: spell(pairs, pairs.length - 1) };
        }
      }
    }
  }
  return 'none';
}

function spell(pairs: readonly { readonly parent: number; readonly character: string }[], last: number): string {
  let tag = '';
  for (let pair = pairs[last]; pair; pair = pairs[pair.parent]) tag = pair.character + tag;
  return tag;
}
