import * as fc from 'fast-check';
import { compilePattern, type Pattern } from '../../../src/policy/pattern';

const atoms = [
  'a',
  'b',
  '0',
  '-',
  '\\.',
  '.',
  '[ab]',
  '[^a]',
  '[a-b0]',
  '\\d',
  '\\w',
  '\\W',
  '(?i:A)',
  '[[:alpha:]]',
  '\\Qa.\\E',
  '\\b',
  '\\B',
  '^',
  '$',
  '\\A',
  '\\z',
  '(?m:^)',
  '(?m:$)',
  '(?:)',
];

/** Patterns that Go accepts, over a few characters, with all kinds of assertions, repeats, flags and groups. */
export const patterns: fc.Arbitrary<string> = fc.letrec<{ readonly node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...atoms),
    fc.tuple(tie('node'), tie('node')).map(([left, right]) => left + right),
    fc.tuple(tie('node'), tie('node')).map(([left, right]) => `(?:${left}|${right})`),
    fc
      .tuple(tie('node'), fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}?'))
      .map(([inner, repeat]) => `(?:${inner})${repeat}`),
    tie('node').map((inner) => `(${inner})`),
    tie('node').map((inner) => `(?P<n>${inner})`),
    tie('node').map((inner) => `(?U:${inner})`),
  ),
})).node;

export const anchored: fc.Arbitrary<string> = fc
  .tuple(patterns, fc.constantFrom('', '^', '$', '^$'))
  .map(([inner, ends]) => `${ends.startsWith('^') ? '^' : ''}(?:${inner})${ends.endsWith('$') ? '$' : ''}`);

export const shortTexts: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom('a', 'b', '-', '0', '.', 'A', '_'),
  maxLength: 8,
});

export function compiled(text: string): Pattern {
  const pattern = compilePattern(text);
  if (pattern.kind === 'pattern-error') throw new Error(`${text}: ${pattern.message}`);
  return pattern;
}
