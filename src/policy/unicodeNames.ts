// Go's other names for categories (unicode.CategoryAliases), by their canonical form.
const aliases: Readonly<Record<string, string>> = {
  Casedletter: 'LC',
  Closepunctuation: 'Pe',
  Combiningmark: 'M',
  Connectorpunctuation: 'Pc',
  Control: 'Cc',
  Currencysymbol: 'Sc',
  Dashpunctuation: 'Pd',
  Decimalnumber: 'Nd',
  Enclosingmark: 'Me',
  Finalpunctuation: 'Pf',
  Format: 'Cf',
  Initialpunctuation: 'Pi',
  Letter: 'L',
  Letternumber: 'Nl',
  Lineseparator: 'Zl',
  Lowercaseletter: 'Ll',
  Mark: 'M',
  Mathsymbol: 'Sm',
  Modifierletter: 'Lm',
  Modifiersymbol: 'Sk',
  Nonspacingmark: 'Mn',
  Number: 'N',
  Openpunctuation: 'Ps',
  Other: 'C',
  Otherletter: 'Lo',
  Othernumber: 'No',
  Otherpunctuation: 'Po',
  Othersymbol: 'So',
  Paragraphseparator: 'Zp',
  Privateuse: 'Co',
  Punctuation: 'P',
  Separator: 'Z',
  Spaceseparator: 'Zs',
  Spacingmark: 'Mc',
  Surrogate: 'Cs',
  Symbol: 'S',
  Titlecaseletter: 'Lt',
  Unassigned: 'Cn',
  Uppercaseletter: 'Lu',
  Cntrl: 'Cc',
  Digit: 'Nd',
  Punct: 'P',
};

/** Names that re2js knows and Go does not: properties that are neither category nor script. */
const notInGo = new Set(['Alphabetic', 'Dash', 'Emoji', 'Lowercase', 'Math', 'Uppercase']);

/**
 * A property such as `\\p{letter}` in the words of re2js, which reads names as Go did before 1.25; since then Go overlooks
 * case, blanks, hyphens and underscores, and knows aliases (regexp/syntax `unicodeTable`).
 */
export function renameProperty(text: string): string {
  const [, head = '', negation = '', name = ''] = /^(\\[pP])\{?(\^?)([^}]*)\}?$/su.exec(text) ?? [];
  const bare = name.replace(/[-_ ]/g, '');
  const canonical = bare
    .replace(/^[a-z]/, (letter) => letter.toUpperCase())
    .replace(/(?<!^)[A-Z]/g, (letter) => letter.toLowerCase());
  const known = aliases[canonical] ?? (notInGo.has(canonical) ? '' : canonical);
  return `${head}{${negation}${known}}`;
}
