// `--batch`: one JSON object a line in, one line out for each, as they come. A bad line gets an `{"error": …}` line.
import type { Terminal } from './command';

/** A line that cannot be answered; the message goes out as its error. */
export class LineError extends Error {
  override readonly name = 'LineError';
}

export async function answerLines(terminal: Terminal, answer: (line: unknown) => object): Promise<void> {
  for await (const line of terminal.inputLines()) await terminal.print(`${JSON.stringify(answerLine(line, answer))}\n`);
}

/** Whatever a line breaks, those behind it are answered. */
export function answerLine(line: string, answer: (line: unknown) => object): object {
  try {
    return answer(JSON.parse(line));
  } catch (error) {
    if (error instanceof LineError) return { error: error.message };
    if (error instanceof SyntaxError) return { error: `This line is not JSON: ${error.message}` };
    return { error: `This line could not be judged: ${error instanceof Error ? error.message : String(error)}` };
  }
}

export type Line = Readonly<Record<string, unknown>>;

export function asLine(value: unknown, shape: string): Line {
  if (!isLine(value)) throw new LineError(`A line is an object ${shape}.`);
  return value;
}

function isLine(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(line: Line, name: string): string {
  const value = optionalText(line, name);
  if (value === undefined) throw new LineError(`"${name}" is missing.`);
  return value;
}

/** Null counts as absent, as in a Kubernetes object. */
export function optionalText(line: Line, name: string): string | undefined {
  const value = line[name] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw new LineError(`"${name}" is not a text.`);
  return value;
}

export function optionalLine(line: Line, name: string): Line | undefined {
  const value = line[name] ?? undefined;
  if (value !== undefined && !isLine(value)) throw new LineError(`"${name}" is not an object.`);
  return value;
}

export function optionalTexts(line: Line, name: string): readonly string[] | undefined {
  const value = line[name] ?? undefined;
  if (value === undefined) return undefined;
  if (!isTexts(value)) throw new LineError(`"${name}" is not a list of texts.`);
  return value;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

export function linesOf(line: Line, name: string): readonly Line[] {
  const value = line[name];
  if (!Array.isArray(value)) throw new LineError(`"${name}" is not a list.`);
  return value.map((item: unknown) => {
    if (!isLine(item)) throw new LineError(`"${name}" holds something that is not an object.`);
    return item;
  });
}
