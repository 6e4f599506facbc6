// `npm run bench`: every file of test/bench in turn, then one table. A bench prints figures (test/bench/figure.ts),
// each with the baseline that it measured in the same run; the ratio is what can be compared between machines.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, parseFigures } from '../test/bench/figure';
import { build } from './package';
import { root } from './paths';
import { run, runScript } from './process';

function formatRow({ name, value, unit, baseline, limit }: Figure): readonly string[] {
  const show = (figure: number): string => `${figure < 100 ? figure.toPrecision(3) : Math.round(figure)} ${unit}`;
  const verdict = value <= limit ? 'ok' : 'OVER';
  return [
    name,
    show(value),
    show(baseline.value),
    (value / baseline.value).toFixed(2),
    show(limit),
    verdict,
    baseline.name,
  ];
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) {
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}

runScript(async () => {
  await build();
  const figures: Figure[] = [];
  const wanted = process.argv.slice(2);
  const files = readdirSync(join(root, 'test/bench'))
    .filter((file) => file.endsWith('.bench.ts'))
    .sort();
  for (const file of files.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))) {
    process.stdout.write(`${file}\n`);
    const { code, output } = await run(process.execPath, ['--require', 'tsx/cjs', join(root, 'test/bench', file)], {
      deadlineMs: 600_000,
      output: 'keep',
    });
    if (code !== 0) throw new Error(`${file} ended with ${code}:\n${output}`);
    figures.push(...parseFigures(output));
  }
  const head = ['figure', 'value', 'baseline', 'ratio', 'limit', '', 'baseline is'];
  process.stdout.write('\n');
  printTable([head, ...figures.map(formatRow)]);
  if (figures.some(({ value, limit }) => value > limit)) process.exitCode = 1;
});
