// Which tags match: Go's regular expressions, read and run as image-reflector-controller does (regexp.Compile and an
// unanchored leftmost search). Nothing here is ever given to JavaScript's own RegExp.

import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { TextRange } from '../model/text';
import { adaptPattern } from './adapt';
import { type Row, readRows, tagCharacters } from './alphabet';
import type { FoundTag } from './machine';
import { scanPattern } from './patternScan';
import { type Program, readFixedPrefix } from './program';

/** Start and end of the match and of each group, in pairs; -1 for a group that took no part. */
export type Match = ArrayLike<number>;

export interface Pattern {
  readonly kind: 'pattern';
  readonly text: string;
  /** By group number; empty for the whole match and for unnamed groups. Names may repeat, as in Go. */
  readonly groupNames: readonly string[];
  readonly program: Program;
  readonly test: (text: string) => boolean;
  readonly search: (text: string) => Match | undefined;
  /** Of the program, over the characters of tags; worked out once. */
  readonly tagRows: () => readonly (Row | undefined)[];
  /** What a search for a tag has found, asked once for each `question` and kept as long as the pattern. */
  readonly remember: (question: string, search: () => FoundTag) => FoundTag;
}

export interface PatternError {
  readonly kind: 'pattern-error';
  /** Go's error code: `invalid repeat count`. */
  readonly code: string;
  /** The part of the pattern that Go names. */
  readonly argument: string;
  /** Go's whole text. */
  readonly message: string;
  /** Where the pattern is wrong, as near as can be told. */
  readonly range: TextRange;
}

export interface PatternOptions {
  /** Minor number of Go 1; below 22 `(?<name>…)` is refused. Default: the newest. */
  readonly goMinor?: number;
}

const newestGo = 26;

export type CompilePattern = (text: string, options?: PatternOptions) => Pattern | PatternError;

export function compilePattern(text: string, options: PatternOptions = {}): Pattern | PatternError {
  const lonely = /\p{Cs}/u.exec(text);
  if (lonely) return patternError(text, 'invalid UTF-8', text.slice(lonely.index));
  return refuseShortNames(text, options) ?? compile(text, options);
}

/** Compiles each pattern once, as long as it is among the last `limit` ones. */
export function createPatternCache(limit: number): CompilePattern {
  const known = new Map<string, Pattern | PatternError>();
  return (text, options = {}) => {
    const key = `${options.goMinor ?? ''} ${text}`;
    const found = known.get(key) ?? compilePattern(text, options);
    known.delete(key);
    known.set(key, found);
    const [oldest] = known.keys();
    if (known.size > limit && oldest !== undefined) known.delete(oldest);
    return found;
  };
}

function compile(text: string, { goMinor = newestGo }: PatternOptions): Pattern | PatternError {
  const { text: adapted, names, restore } = adaptPattern(text, goMinor);
  try {
    const re2 = RE2JS.compile(adapted).re2();
    const groupNames = Array.from({ length: re2.numberOfCapturingGroups() + 1 }, () => '');
    for (const [name, group] of Object.entries(re2.namedGroups)) groupNames[group] = names.get(name) ?? name;
    const program: Program = re2.prog;
    const fixedPrefix = readFixedPrefix(program);
    return {
      kind: 'pattern',
      text,
      groupNames,
      program,
      test: (tag) => tag.startsWith(fixedPrefix) && re2.match(tag),
      search: (tag) => (tag.startsWith(fixedPrefix) ? (re2.findSubmatchIndex(tag) ?? undefined) : undefined),
      ...createMemory(program),
    };
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return refuse(text, error.error, restore(error.input ?? ''));
    throw error;
  }
}

function createMemory(program: Program): Pick<Pattern, 'tagRows' | 'remember'> {
  let rows: readonly (Row | undefined)[] | undefined;
  const found = new Map<string, FoundTag>();
  return {
    tagRows: () => (rows ??= readRows(program, tagCharacters)),
    remember: (question, search) => {
      const answer = found.get(question) ?? search();
      found.set(question, answer);
      return answer;
    },
  };
}

/** Where re2js refuses as Go does, but in other words. */
function refuse(text: string, code: string, argument: string): PatternError {
  // Go does not see a name yet in a pattern that ends here.
  if (argument === '(?P<') return patternError(text, 'invalid or unsupported Perl syntax', '(?P');
  if (argument === '(?<') return patternError(text, 'invalid or unsupported Perl syntax', '(?<');
  if (code === 'expression nests too deeply') return patternError(text, code, text);
  if (argument === '[:]') {
    const start = text.indexOf('[:]');
    return patternError(text, code, text.slice(start, text.indexOf(':]', start + 2) + 2));
  }
  return patternError(text, code, argument);
}

/** Before Go 1.22 the parser stopped at `(?<`, unless it had stopped earlier. */
function refuseShortNames(text: string, { goMinor = newestGo }: PatternOptions): PatternError | undefined {
  if (goMinor >= 22) return undefined;
  const short = scanPattern(text).openings.find(({ start }) => text.startsWith('(?<', start));
  if (!short) return undefined;
  const earlier = compile(text.slice(0, short.start), { goMinor });
  if (earlier.kind === 'pattern-error' && earlier.code === 'unexpected )') {
    return patternError(text, earlier.code, text);
  }
  if (earlier.kind === 'pattern-error' && earlier.code !== 'missing closing )') {
    return patternError(text, earlier.code, earlier.argument);
  }
  return patternError(text, 'invalid or unsupported Perl syntax', '(?<');
}

function patternError(text: string, code: string, argument: string): PatternError {
  return {
    kind: 'pattern-error',
    code,
    argument,
    message: `error parsing regexp: ${code}: \`${argument}\``,
    range: locateError(text, code, argument),
  };
}

function locateError(text: string, code: string, argument: string): TextRange {
  const whole = { start: 0, end: text.length };
  if (code === 'missing closing )') return characterAt(scanPattern(text).unclosed.at(-1)) ?? whole;
  if (code === 'unexpected )') return characterAt(scanPattern(text).unexpected[0]) ?? whole;
  if (code === 'trailing backslash at end of expression') return { start: text.length - 1, end: text.length };
  if (code === 'missing closing ]') return { start: text.length - argument.length, end: text.length };
  const start = text.indexOf(argument);
  const isUnique = start >= 0 && text.indexOf(argument, start + 1) < 0;
  return isUnique ? { start, end: start + argument.length } : whole;
}

function characterAt(at: number | undefined): TextRange | undefined {
  return at === undefined ? undefined : { start: at, end: at + 1 };
}
