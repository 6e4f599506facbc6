const plainDigits = /^[0-9]{1,15}$/;
const infinity = /^([+-]?)inf(?:inity)?$/i;
const decimal = /^([+-]?)([0-9_]*)(?:\.([0-9_]*))?(?:e([+-]?)([0-9][0-9_]*))?$/i;
const hexadecimal = /^([+-]?)0x([0-9a-f_]*)(?:\.([0-9a-f_]*))?p([+-]?)([0-9][0-9_]*)$/i;

/**
 * Reads a number exactly as Go's strconv.ParseFloat(text, 64) does: decimal, hexadecimal with an exponent, underscores
 * between digits, infinities and NaN. Undefined where Go answers an error, an overflow included.
 */
export function parseFloat64(text: string): number | undefined {
  if (plainDigits.test(text)) return Number(text);
  const infinite = infinity.exec(text);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  const value = parseDecimal(text) ?? parseHexadecimal(text);
  return Number.isFinite(value) ? value : undefined;
}

function parseDecimal(text: string): number | undefined {
  const parts = decimal.exec(text);
  if (!parts) return undefined;
  const [, sign = '', whole = '', fraction = '', exponentSign = '', exponent = ''] = parts;
  if (!hasLegalUnderscores(text)) return undefined;
  const digits = `${withoutUnderscores(whole)}.${withoutUnderscores(fraction)}`;
  return Number(`${sign}${digits}e${exponentSign}${clampExponent(exponent)}`);
}

function parseHexadecimal(text: string): number | undefined {
  const parts = hexadecimal.exec(text);
  if (!parts) return undefined;
  const [, sign = '', whole = '', fraction = '', exponentSign = '', exponent = ''] = parts;
  if (!hasDigit(whole + fraction) || !hasLegalUnderscores(text)) return undefined;
  const fractionDigits = withoutUnderscores(fraction);
  const mantissa = BigInt(`0x0${withoutUnderscores(whole)}${fractionDigits}`);
  const power = clampExponent(exponent);
  const shift = (exponentSign === '-' ? -power : power) - 4 * fractionDigits.length;
  const value = scale(mantissa, shift);
  return sign === '-' ? -value : value;
}

/** `mantissa * 2^shift`, rounded once, to the nearest even. */
function scale(mantissa: bigint, shift: number): number {
  const bits = mantissa.toString(2).length;
  // The place of the last bit that a double can hold: 53 bits, fewer below 2^-1022.
  const last = Math.max(bits + shift - 53, -1074);
  const drop = last - shift;
  if (drop <= 0) return ldexp(Number(mantissa), shift);
  const dropped = BigInt(drop);
  const kept = mantissa >> dropped;
  const rest = mantissa - (kept << dropped);
  const half = 1n << (dropped - 1n);
  const isUp = rest > half || (rest === half && (kept & 1n) === 1n);
  return ldexp(Number(isUp ? kept + 1n : kept), last);
}

/** Exact where the result is a double. `value` is an integer of at most 53 bits: infinite where 2^exponent is, but for 0. */
function ldexp(value: number, exponent: number): number {
  return value === 0 ? 0 : value * 2 ** exponent;
}

/** Go stops reading an exponent once it has passed 10,000. */
function clampExponent(digits: string): number {
  let exponent = 0;
  for (const digit of withoutUnderscores(digits)) if (exponent < 10_000) exponent = exponent * 10 + Number(digit);
  return exponent;
}

/** Underscores stand between digits, or between the base prefix and a digit (strconv.underscoreOK). */
function hasLegalUnderscores(text: string): boolean {
  const unsigned = text.replace(/^[+-]/, '');
  const isHexadecimal = /^0x/i.test(unsigned);
  const digits = unsigned.replace(/^0x/i, '0');
  return isHexadecimal ? !/(?<![0-9a-f])_|_(?![0-9a-f])/i.test(digits) : !/(?<![0-9])_|_(?![0-9])/.test(digits);
}

function hasDigit(text: string): boolean {
  return /[0-9a-f]/i.test(text);
}

function withoutUnderscores(text: string): string {
  return text.replaceAll('_', '');
}
