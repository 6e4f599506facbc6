// Questions for the oracle: drawn from what real repositories use, then bent.

import type { PolicyChoice, PolicySpec } from '../../src/model/flux';

export type Question =
  | {
      readonly ask: 'select';
      readonly spec: PolicySpec;
      readonly tags: readonly string[];
      readonly runs: number;
      readonly unsorted: boolean;
    }
  | { readonly ask: 'float'; readonly text: string }
  | { readonly ask: 'match'; readonly pattern: string; readonly text: string; readonly template: string }
  | { readonly ask: 'range'; readonly range: string; readonly tags: readonly string[] };

export interface Dice {
  /** An integer from 0 to `sides - 1`. */
  readonly roll: (sides: number) => number;
  readonly pick: <T>(from: readonly [T, ...T[]]) => T;
}

/** The same seed, the same questions (mulberry32). */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const roll = (sides: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
  return { roll, pick: (from) => from[roll(from.length)] ?? from[0] };
}

export function askAnything(dice: Dice, flux: string): Question {
  const kind = dice.roll(8);
  if (kind === 0) return { ask: 'float', text: drawNumber(dice) };
  if (kind <= 2) return { ask: 'match', pattern: drawPattern(dice), text: drawTag(dice), template: drawTemplate(dice) };
  if (kind === 3) return { ask: 'range', range: drawRange(dice), tags: drawList(dice, drawVersion) };
  return askSelect(dice, flux);
}

export function askSelect(dice: Dice, flux: string): Question {
  const family = dice.pick([drawTag, drawVersion, drawNumber, drawStamped, drawTag]);
  const tags = [...new Set(drawList(dice, (own) => own.pick([family, family, family, drawTag])(own).slice(0, 128)))];
  const filterTags =
    dice.roll(4) === 0
      ? {}
      : { filterTags: { pattern: drawPattern(dice), extract: dice.roll(4) === 0 ? '' : drawTemplate(dice) } };
  const order = dice.pick([{ order: 'asc' }, { order: 'desc' }, {}]);
  const policy = dice.pick<PolicyChoice>([
    { numerical: order },
    { alphabetical: order },
    { semver: { range: drawRange(dice) } },
    { semver: { range: dice.pick(['*', '*-0', '>=0.0.0-0', '1.x', '>=1.0.0-0 <2.0.0']) } },
  ]);
  return { ask: 'select', spec: { ...filterTags, policy }, tags, runs: 200, unsorted: Number(flux.slice(2)) < 7 };
}

function drawList(dice: Dice, draw: (dice: Dice) => string): readonly string[] {
  // No empty list: the controller never hands one to the policy (`no tags in database`).
  return Array.from({ length: 1 + dice.roll(12) }, () => draw(dice) || 'latest');
}

function digits(dice: Dice, length: number): string {
  return Array.from({ length }, () => dice.roll(10)).join('');
}

function drawStamped(dice: Dice): string {
  const hash = Array.from({ length: 3 }, () => dice.pick(['a', 'e', '1', '9', 'f'])).join('');
  const stamp = dice.pick([
    `2024010112000000${digits(dice, 2)}`,
    `17${digits(dice, 2)}`,
    String(dice.roll(12)),
    `0${dice.roll(3)}`,
  ]);
  return `${dice.pick(['main', 'production', 'staging'])}-${hash}-${stamp}`;
}

function drawVersion(dice: Dice): string {
  const part = (): string =>
    dice.pick(['0', '1', '2', '3', '10', '01', '18446744073709551615', '18446744073709551616', '9007199254740993']);
  const small = (): string => dice.pick(['0', '1', '2', '3', '10']);
  const number = dice.roll(12) === 0 ? part : small;
  const core = dice.pick([
    `${number()}.${number()}.${number()}`,
    `${number()}.${number()}.${number()}`,
    `${number()}.${number()}`,
    number(),
    `${number()}.${number()}.${number()}.${number()}`,
  ]);
  const pre = dice.pick([
    '',
    '',
    '',
    '-rc.1',
    '-rc.10',
    '-rc9',
    '-0',
    '-alpha',
    '-1',
    '-01',
    '-a.b',
    '-1.a',
    '-',
    '-99999999999999999999',
    '--',
    '-rc.',
  ]);
  const meta = dice.pick(['', '', '', '', '+b', '+b.2', '+']);
  return bend(dice, `${dice.pick(['', '', 'v', 'V'])}${core}${pre}${meta}`, '.-+v0x', 12);
}

function drawTag(dice: Dice): string {
  const tag = dice.pick([
    drawVersion,
    drawStamped,
    drawStamped,
    (own: Dice) => own.pick(['latest', 'nan', 'inf', 'a-b', 'ab-c-3', '1e3', '0x1p4', '01', '001', '1', '1.0', '1_0']),
  ])(dice);
  return bend(dice, tag, 'ab-0._19', 10);
}

function drawNumber(dice: Dice): string {
  const mantissa = dice.pick([
    digits(dice, 1 + dice.roll(4)),
    digits(dice, 17),
    `${digits(dice, 2)}.${digits(dice, 1 + dice.roll(22))}`,
    `.${digits(dice, 3)}`,
    `${digits(dice, 3)}.`,
    `1_${digits(dice, 3)}`,
    `0x${dice.pick(['1', 'a.8', '_f', '1fffffffffffff8', '1fffffffffffff.f8', '.0001', '10000000000000000000081', '1_0'])}`,
    dice.pick(['inf', 'Infinity', 'nan', 'NaN', 'infi', '0', '00']),
  ]);
  const exponent = dice.pick([
    '',
    '',
    '',
    'e3',
    'E-3',
    'p4',
    'P-1074',
    'p-1075',
    'e308',
    'e309',
    'e-324',
    'e-323',
    'p1023',
    'p1024',
    'e99999',
    'e-99999',
    'e1_0',
    'e',
    'p-1078',
    'p970',
  ]);
  return bend(dice, `${dice.pick(['', '', '', '+', '-'])}${mantissa}${exponent}`, '._+-eEpx0a ', 10);
}

function drawTemplate(dice: Dice): string {
  const template = dice.pick([
    '$ts',
    '${ts}',
    '$1',
    '$0',
    '$n',
    '${n}',
    '$2',
    '$1$2',
    'ts',
    '$v.$ts',
    '$1-$n',
    '$$ts',
    '${v}_x',
    '$01',
    '$10',
    '$v',
    '$ver',
    '$é',
    '1.$1.0',
    '$999999999',
    '$1000000000',
  ]);
  return bend(dice, template, '$${}1n_é0', 8);
}

function drawPattern(dice: Dice): string {
  if (dice.roll(3) > 0) {
    const known = dice.pick([
      '^main-[a-f0-9]+-(?P<ts>[0-9]+)$',
      '^(?P<env>main|staging)-(?P<n>.*)-(?P<ts>[0-9]+)$',
      '-(?P<ts>[0-9]+)',
      '^v?(?P<v>[0-9]+\\.[0-9]+\\.[0-9]+)(?P<n>-.*)?$',
      '(?P<n>a|b|c)|(?P<n>\\d)',
      '(?<n>\\d+)(?:-(?<ts>.*))?',
      '^(?:(a)|b|(\\d))*',
      '(?U)^(?P<h>[a-z]+-?)+(?P<r>.*)$',
      '.*',
      '',
      '(?i)MAIN|(?P<ts>\\d)+',
      '\\b\\d{1,3}\\.\\d\\b',
      '(?P<v>\\d+)\\.(?P<v>\\d+)',
      '[[:alpha:]]+(?P<n>[^[:alpha:]]*)',
      '\\pL+|\\p{Greek}',
      '^\\Qmain-\\E(?P<n>.)',
    ]);
    return dice.roll(3) === 0 ? bend(dice, known, '()[]{}?*+|^$\\.-:P<>naQE1,', 2) : known;
  }
  const pieces = [
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '?',
    '*',
    '+',
    '|',
    '^',
    '$',
    '\\',
    '.',
    '(?:',
    '(?P<n>',
    '(?<n>',
    '(?i)',
    '(?s-m:',
    '[^',
    '[:',
    ':]',
    '[[:digit:]]',
    '\\d',
    '\\w',
    '\\b',
    '\\B',
    '\\z',
    '\\Q',
    '\\E',
    '\\x41',
    '\\x{41}',
    '\\p{L}',
    '\\pN',
    '\\1',
    '\\07',
    '\\C',
    '\\',
    'a',
    'b',
    '1',
    '-',
    '{2}',
    '{1,2}',
    '{,2}',
    '{2,1}',
    '{1001}',
    '(?=',
    '(?<!',
    '(?P=n)',
    '(?P<',
    'a-z',
    'z-a',
    '[a-\\d]',
    ',',
    '\u0007',
    'é',
    '(?',
    '(?i',
    '(?#',
    '>',
  ] as const;
  return Array.from({ length: 1 + dice.roll(7) }, () => dice.pick(pieces)).join('');
}

function drawRange(dice: Dice): string {
  const number = (): string => dice.pick(['0', '1', '2', '3', '10', 'x', 'X', '*', '01']);
  const version = (): string => {
    const core = dice.pick([
      number(),
      `${number()}.${number()}`,
      `${number()}.${number()}.${number()}`,
      `${number()}.${number()}.${number()}`,
    ]);
    return `${dice.pick(['', '', 'v'])}${core}${dice.pick(['', '', '', '-0', '-rc.1', '-alpha', '-', '+b', '-01'])}`;
  };
  const constraint = (): string => {
    const operator = dice.pick(['', '', '=', '!=', '>', '<', '>=', '=>', '<=', '=<', '~', '~>', '^', '==', '&&']);
    return `${operator}${dice.pick(['', '', ' '])}${version()}`;
  };
  const segment = (): string =>
    dice.pick([
      constraint(),
      `${constraint()} ${constraint()}`,
      `${constraint()}, ${constraint()}`,
      `${version()} - ${version()}`,
      `${constraint()},${constraint()}`,
    ]);
  const range = dice.roll(4) === 0 ? `${segment()} || ${segment()}` : segment();
  return bend(dice, range, ' |,-.x1>~^"\\\t\u0001é', 10);
}

/** One character less, more or other, one time in `rarity`. */
function bend(dice: Dice, text: string, characters: string, rarity: number): string {
  if (dice.roll(rarity) > 0) return text;
  const at = dice.roll(text.length + 1);
  const character = Array.from(characters)[dice.roll(Array.from(characters).length)] ?? '';
  return dice.pick([
    text.slice(0, at) + text.slice(at + 1),
    text.slice(0, at) + character + text.slice(at),
    text.slice(0, at) + character + text.slice(at + 1),
  ]);
}
