import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { compilePattern } from '../../../src/policy/pattern';

/** Long names of general categories, which Go knows since 1.25. JavaScript knows them too: it says what they hold. */
const names = (
  'Cased_Letter Close_Punctuation Combining_Mark Connector_Punctuation Control Currency_Symbol Dash_Punctuation ' +
  'Decimal_Number Enclosing_Mark Final_Punctuation Format Initial_Punctuation Letter Letter_Number Line_Separator ' +
  'Lowercase_Letter Mark Math_Symbol Modifier_Letter Modifier_Symbol Nonspacing_Mark Number Open_Punctuation Other ' +
  'Other_Letter Other_Number Other_Punctuation Other_Symbol Paragraph_Separator Private_Use Punctuation Separator ' +
  'Space_Separator Spacing_Mark Surrogate Symbol Titlecase_Letter Unassigned Uppercase_Letter cntrl digit punct'
).split(' ');

/** One or two of every category. */
const samples = Array.from('Aaǅʰª\u0300\u0903\u20dd0Ⅷ²_-()«»!+$^© \u00a0\u2028\u2029\u0001\u007f\u00ad\ue000\u{e0001}');

function holds(pattern: string): string {
  const compiled = compilePattern(`^${pattern}$`, { goMinor: 25 });
  return compiled.kind === 'pattern' ? samples.filter((sample) => compiled.test(sample)).join('') : compiled.message;
}

describe('names of Unicode properties', () => {
  for (const name of names) {
    it(`knows ${name}`, () => {
      const expected = samples.filter((sample) => new RegExp(`^\\p{${name}}$`, 'u').test(sample)).join('');
      assert.equal(holds(`\\p{${name}}`), expected);
      assert.equal(holds(`\\p{^${name}}`), holds(`\\P{${name}}`));
      assert.notEqual(holds(`\\P{${name}}`), expected);
    });
  }

  it('overlooks case, blanks, hyphens and underscores', () => {
    const letters = holds('\\p{Uppercase_Letter}');
    for (const name of ['uppercaseletter', 'UPPERCASE LETTER', 'upper-case_Letter', 'lu', 'LU', 'l_u']) {
      assert.equal(holds(`\\p{${name}}`), letters, name);
    }
    assert.equal(holds('\\pn'), holds('\\p{Number}'));
    assert.equal(holds('\\pL'), holds('\\p{Letter}'));
    assert.equal(holds('\\PN'), holds('\\P{Number}'));
  });

  it('refuses names that Go does not know, in the words of the pattern', () => {
    for (const name of ['Alphabetic', 'Dash', 'Emoji', 'Lowercase', 'Math', 'Uppercase', 'math', 'Foo_Bar', '']) {
      const argument = `\\p{${name}}`;
      assert.equal(holds(argument), `error parsing regexp: invalid character class range: \`${argument}\``);
    }
  });
});
