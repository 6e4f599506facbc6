import { isWord, type Row, readClasses, readRows } from './alphabet';
import type { Match, Pattern } from './pattern';
import { after, assertion, before, op, type Program, readFlags } from './program';
import { canBeginLater } from './reach';

/** A place in the program with the registers it takes over (-1: fresh ones) and those that are set on the way there. */
interface Thread {
  readonly place: number;
  readonly source: number;
  readonly sets: readonly number[];
}

/** What one character, or the end, does in a state. Registers are numbered through: thread after thread. */
interface Transition {
  /** The thread whose registers are the match so far, if one is met here. */
  readonly match: Thread | undefined;
  /** Register `to` takes over register `from`, in pairs, all at once; needless where threads keep their places. */
  readonly copies: readonly number[];
  readonly clears: readonly number[];
  /** Registers that take the place in the text. */
  readonly sets: readonly number[];
  /** Nothing to copy, clear or set. */
  readonly isCalm: boolean;
  readonly target: State | undefined;
}

interface State {
  /** Where its row in the table begins; never 0. */
  readonly row: number;
  readonly places: readonly number[];
  readonly previous: number;
  /** No match was met yet: one may still begin. */
  readonly isScanning: boolean;
}

const characters = Array.from({ length: 95 }, (_, at) => String.fromCharCode(at + 32)).join('');
const mostStates = 250;
const mostThreads = 2000;
const largeProgram = 300;

/**
 * Leftmost-first search with submatches, for many tags: the threads of a Pike machine, with the steps that they take kept
 * in tables (a lazily built tagged automaton). Fills only the slots of `groups`; the answer is valid until the next
 * search. What does not fit, such as line breaks or too many states, is left to re2js.
 */
export function createSearch(pattern: Pattern, groups: readonly number[]): (text: string) => Match | undefined {
  const slots = groups
    .filter((group) => group < pattern.groupNames.length)
    .flatMap((group) => [2 * group, 2 * group + 1]);
  const steps = createSteps(pattern.program, slots);
  const registers: Registers = {
    width: slots.length,
    slots,
    current: new Int32Array(mostThreads * slots.length),
    spare: new Int32Array(mostThreads * slots.length),
    matched: new Int32Array(slots.length),
    found: new Int32Array(2 * pattern.groupNames.length).fill(-1),
  };
  // Without registers the tables alone decide: many threads are expensive only where there is a match.
  const isLarge = slots.length > 0 && pattern.program.inst.length > largeProgram;
  const test = isLarge ? createSearch(pattern, []) : undefined;
  return (text) => {
    if (test && !test(text)) return undefined;
    const answer = run(steps, registers, text);
    return answer === 'unfit' ? pattern.search(text) : answer;
  };
}

/** Where the submatches of each thread begin and end, and those of the match so far. */
interface Registers {
  readonly width: number;
  readonly slots: readonly number[];
  current: Int32Array;
  spare: Int32Array;
  readonly matched: Int32Array;
  /** The answer: all slots of the pattern. */
  readonly found: Int32Array;
}

function run(steps: Steps, registers: Registers, text: string): Match | undefined | 'unfit' {
  const { classes, calm, transitions, end, strange } = steps;
  let row = steps.start.row;
  let isFound = false;
  for (let at = 0; ; at++) {
    const kind = at === text.length ? end : (classes[text.charCodeAt(at)] ?? strange);
    const next = calm[row + kind] ?? 0;
    if (next > 0) {
      row = next;
      continue;
    }
    const transition = transitions[row + kind] ?? steps.take(row, kind);
    if (!transition) return 'unfit';
    if (transition.match) {
      isFound = true;
      keep(registers, transition.match, at);
    }
    if (!transition.isCalm) move(registers, transition, at);
    if (!transition.target) break;
    row = transition.target.row;
  }
  return isFound ? publish(registers) : undefined;
}

function keep({ matched, current, width }: Registers, { source, sets }: Thread, at: number): void {
  for (let slot = 0; slot < width; slot++) matched[slot] = source < 0 ? -1 : (current[source * width + slot] ?? -1);
  for (let number = 0; number < sets.length; number++) matched[sets[number] ?? 0] = at;
}

function move(registers: Registers, { copies, clears, sets }: Transition, at: number): void {
  if (copies.length > 0) {
    const { current, spare } = registers;
    for (let pair = 0; pair < copies.length; pair += 2) spare[copies[pair] ?? 0] = current[copies[pair + 1] ?? 0] ?? -1;
    registers.current = spare;
    registers.spare = current;
  }
  const { current } = registers;
  for (let number = 0; number < clears.length; number++) current[clears[number] ?? 0] = -1;
  for (let number = 0; number < sets.length; number++) current[sets[number] ?? 0] = at;
}

function publish({ found, matched, slots, width }: Registers): Match {
  for (let slot = 0; slot < width; slot++) found[slots[slot] ?? 0] = matched[slot] ?? -1;
  return found;
}

interface Steps {
  readonly start: State;
  /** By UTF-16 unit. */
  readonly classes: Uint8Array;
  /** The numbers that stand for the end of the text and for a character that the tables leave out. */
  readonly end: number;
  readonly strange: number;
  /** By row and class: the row of the next state, where that is all there is to do; otherwise 0. */
  readonly calm: Int32Array;
  /** All that is known already, by row and class. */
  readonly transitions: readonly (Transition | undefined)[];
  /** Undefined for a strange character, and when there would be too many states or threads. */
  readonly take: (row: number, kind: number) => Transition | undefined;
}

function createSteps(program: Program, slots: readonly number[]): Steps {
  const rows = readRows(program, characters);
  const numbers = readClasses(
    rows,
    Array.from(characters, (character) => (isWord(character) ? 1 : 0)),
  );
  const end = Math.max(...numbers) + 1;
  const strange = end + 1;
  const stride = strange + 1;
  const classes = new Uint8Array(127).fill(strange);
  for (const [at, number] of numbers.entries()) classes[at + 32] = number;
  const calm = new Int32Array((mostStates + 1) * stride);
  const transitions: (Transition | undefined)[] = Array.from(calm, () => undefined);
  const states: State[] = [];
  const known = new Map<string, State>();
  // A line break, which would be left to re2js, may still come.
  const hasLines = program.inst.some(
    ({ op: code, arg }) => code === op.emptyWidth && (arg & assertion.beginLine) !== 0,
  );
  const beginsLater = hasLines || canBeginLater(program);

  const stateOf = (places: readonly number[], previous: number, isScanning: boolean): State => {
    const key = `${previous}${isScanning ? '+' : '-'}${places.join()}`;
    const found = known.get(key);
    if (found) return found;
    const state: State = { row: (states.length + 1) * stride, places, previous, isScanning };
    states.push(state);
    known.set(key, state);
    return state;
  };
  const take = (row: number, kind: number): Transition | undefined => {
    const state = states[row / stride - 1];
    if (!state || kind === strange) return undefined;
    const at = numbers.indexOf(kind);
    const next = kind === end ? after.end : isWord(characters[at] ?? '') ? after.word : after.other;
    const { threads, match } = follow(program, rows, slots, state, at, next);
    if (threads.length > mostThreads || states.length >= mostStates) return undefined;
    const isScanning = state.isScanning && beginsLater && match === undefined && kind !== end;
    const isOver = threads.length === 0 && !isScanning;
    const places = threads.map(({ place }) => place);
    const target = isOver ? undefined : stateOf(places, next === after.word ? before.word : before.other, isScanning);
    const moves = planMoves(threads, slots.length);
    const isCalm = moves.copies.length + moves.clears.length + moves.sets.length === 0;
    if (isCalm && !match && target) calm[row + kind] = target.row;
    const transition: Transition = { match, ...moves, isCalm, target };
    transitions[row + kind] = transition;
    return transition;
  };
  return { start: stateOf([], before.begin, true), classes, end, strange, calm, transitions, take };
}

function planMoves(threads: readonly Thread[], width: number): Pick<Transition, 'copies' | 'clears' | 'sets'> {
  const registersOf = (number: number): readonly number[] =>
    Array.from({ length: width }, (_, slot) => number * width + slot);
  const keepsPlaces = threads.every(({ source }, number) => source < 0 || source === number);
  return {
    copies: keepsPlaces
      ? []
      : threads.flatMap(({ source }, number) =>
          source < 0 ? [] : registersOf(number).flatMap((to, slot) => [to, source * width + slot]),
        ),
    clears: threads.flatMap(({ source }, number) => (source < 0 ? registersOf(number) : [])),
    sets: threads.flatMap(({ sets }, number) => sets.map((slot) => number * width + slot)),
  };
}

/** Follows all threads of a state, by priority, over what needs no character, then over the character at `at`. */
function follow(
  program: Program,
  rows: readonly (Row | undefined)[],
  slots: readonly number[],
  { places, previous, isScanning }: State,
  at: number,
  next: number,
): { readonly threads: readonly Thread[]; readonly match?: Thread } {
  const flags = readFlags(previous, next);
  const begin: Thread = {
    place: program.start,
    source: -1,
    sets: slots.flatMap((slot, number) => (slot === 0 ? [number] : [])),
  };
  const stack: Thread[] = isScanning ? [begin] : [];
  for (let source = places.length - 1; source >= 0; source--)
    stack.push({ place: places[source] ?? 0, source, sets: [] });
  const seen = new Set<number>();
  const reached = new Set<number>();
  const threads: Thread[] = [];
  for (let thread = stack.pop(); thread; thread = stack.pop()) {
    const { place, source, sets } = thread;
    const instruction = program.inst[place];
    if (seen.has(place) || !instruction) continue;
    seen.add(place);
    if (instruction.op === op.match) {
      const ends = slots.flatMap((slot, number) => (slot === 1 ? [number] : []));
      return { threads, match: { place, source, sets: [...sets, ...ends] } };
    }
    if (instruction.op >= op.rune) {
      if (rows[place]?.[at] !== 1 || reached.has(instruction.out)) continue;
      reached.add(instruction.out);
      threads.push({ place: instruction.out, source, sets });
    } else if (instruction.op === op.capture) {
      const slot = slots.indexOf(instruction.arg);
      stack.push({ place: instruction.out, source, sets: slot < 0 || sets.includes(slot) ? sets : [...sets, slot] });
    } else if (instruction.op === op.alt || instruction.op === op.altMatch) {
      stack.push({ place: instruction.arg, source, sets }, { place: instruction.out, source, sets });
    } else if (instruction.op === op.nop || (instruction.op === op.emptyWidth && (instruction.arg & ~flags) === 0)) {
      stack.push({ place: instruction.out, source, sets });
    }
  }
  return { threads };
}
