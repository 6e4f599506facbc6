// What a plain scalar reads as under YAML 1.1, as go-yaml 2 resolves it: the reader behind kustomization files
// (sigs.k8s.io/yaml) and behind image-automation-controller's decision to quote (kyaml yaml/compatibility.go).

export type ScalarKind = 'null' | 'bool' | 'int' | 'float' | 'timestamp' | 'merge' | 'string';

const words: Readonly<Record<string, ScalarKind>> = {
  '': 'null',
  '<<': 'merge',
  ...fill('null', ['~', 'null', 'Null', 'NULL']),
  ...fill('bool', ['y', 'Y', 'yes', 'Yes', 'YES', 'n', 'N', 'no', 'No', 'NO']),
  ...fill('bool', ['true', 'True', 'TRUE', 'false', 'False', 'FALSE', 'on', 'On', 'ON', 'off', 'Off', 'OFF']),
  ...fill('float', [
    '.nan',
    '.NaN',
    '.NAN',
    '.inf',
    '.Inf',
    '.INF',
    '+.inf',
    '+.Inf',
    '+.INF',
    '-.inf',
    '-.Inf',
    '-.INF',
  ]),
};

function fill(kind: ScalarKind, texts: readonly string[]): Readonly<Record<string, ScalarKind>> {
  return Object.fromEntries(texts.map((text) => [text, kind]));
}

const integer = /^[-+]?(?:0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|0|[1-9]\d*)$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const date =
  /^\d{4}-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d))| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?)?$/;

/** `text` as it stands in the file, unquoted. */
export function readsAs(text: string): ScalarKind {
  if (Object.hasOwn(words, text)) return words[text] ?? 'string';
  if (!/^[-+.0-9]/.test(text)) return 'string';
  if (text.startsWith('.')) return isGoFloat(text) ? 'float' : 'string';
  if (isTimestamp(text)) return 'timestamp';
  const plain = text.replaceAll('_', '');
  if (integer.test(plain) && fitsInteger(plain)) return 'int';
  return float.test(plain) && Number.isFinite(Number(plain)) ? 'float' : 'string';
}

/** go-yaml hands a text that begins with a dot to ParseFloat as it is, so an underscore makes it a string. */
function isGoFloat(text: string): boolean {
  return float.test(text) && Number.isFinite(Number(text));
}

function isTimestamp(text: string): boolean {
  const match = date.exec(text);
  if (match === null) return false;
  const [, month, day, ...clock] = match.map((part) => (part === undefined ? 0 : Number(part)));
  const year = Number(text.slice(0, 4));
  if (month === undefined || day === undefined || month < 1 || month > 12 || day < 1) return false;
  const [hour = 0, minute = 0, second = 0, otherHour = 0, otherMinute = 0, otherSecond = 0] = clock;
  const isClock = hour < 24 && minute < 60 && second < 60 && otherHour < 24 && otherMinute < 60 && otherSecond < 60;
  return isClock && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** ParseInt and ParseUint with 64 bits. A number beyond them is read as a float. */
function fitsInteger(text: string): boolean {
  const isNegative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '').toLowerCase();
  const isOctal = /^0[0-7]+$/.test(digits);
  const value = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
  if (isNegative) return value <= 1n << 63n;
  return value < (text.startsWith('+') ? 1n << 63n : 1n << 64n);
}

/** Whether kyaml quotes a plain scalar that gets this value (IsValueNonString). */
export function mustBeQuoted(value: string): boolean {
  if (value === '' || value.includes('\n')) return false;
  const kind = readsAs(value);
  return kind !== 'string' && kind !== 'merge';
}
