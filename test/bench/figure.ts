/** One measured figure beside the baseline of the same run. `limit` is in the figure's unit; smaller is better. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: { readonly name: string; readonly value: number };
  readonly limit: number;
}

const mark = 'FIGURE ';

export function printFigure(figure: Figure): void {
  process.stdout.write(`${mark}${JSON.stringify(figure)}\n`);
}

export function parseFigures(output: string): Figure[] {
  const lines = output.split('\n').filter((line) => line.startsWith(mark));
  return lines.map((line) => JSON.parse(line.slice(mark.length)) as Figure);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
