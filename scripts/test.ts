// `npm test`: every part in turn, each with a deadline, and one closing line with the counts of all.
// `scripts/test.ts PART... [--newest]` runs some parts only. Lint, format, types and knip count as one test each.
// `npm run test:live -- test/FOLDER...` plays only these on the real control plane.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inBothWorlds } from '../test/lab/suites';
import { stackVariable } from '../test/live/stack/openStack';
import { startStack } from '../test/live/stack/stack';
import { stateFile } from '../test/live/stack/stackState';
import { StackUnavailable } from '../test/live/stack/stackUnavailable';
import { ensureBrowser } from './browser';
import { addCounts, type Counts, formatCounts, noCounts, readCounts } from './counts';
import { runHostSuite } from './hostSuite';
import { build, writePackage } from './package';
import { root, testPackage, tool, workFolder } from './paths';
import { run, runScript } from './process';

const isWide = (suite: string): boolean => suite.startsWith('test/lab/worlds/');
/**
 * What runs on the real control plane: folders and files of this repository, side by side in one stack. Those that play many
 * scenarios at once by themselves come after the others, one after the other.
 */
const liveSuites: readonly (readonly string[])[] = [
  ['test/live', ...inBothWorlds.filter((suite) => !isWide(suite))],
  inBothWorlds.filter(isWide),
  ['test/rollback'],
];

type Parts = Readonly<Record<string, (only: readonly string[]) => Promise<Counts>>>;

const parts: Parts = {
  lint: () => single('oxlint/bin/oxlint', ['--type-aware', '--deny-warnings']),
  format: () => single('@biomejs/biome/bin/biome', ['check', '--error-on-warnings']),
  types: () => single('typescript/bin/tsc', ['-p', '.']),
  unused: async () =>
    addCounts(await single('knip/bin/knip.js', []), await single('knip/bin/knip.js', ['--production'])),
  unit: () => mocha('unit', ['test/unit'], { deadlineMs: 120_000, testMs: 10_000, report: 'dot' }),
  // Its tests wait for controllers and processes far more than they compute: files run side by side.
  lab: () => mocha('lab', ['test/lab'], { deadlineMs: 900_000, testMs: 60_000, report: 'spec', jobs: 4 }),
  host,
};

/** Only when they are named: they need more than Node and Git. */
const partsOnDemand: Parts = {
  live: (only) => onRealFlux(only.length > 0 ? [only] : liveSuites),
  gitea: () => mocha('gitea', ['test/gitea'], { deadlineMs: 3_600_000, testMs: 120_000, report: 'spec' }),
};

/** A tool that judges the whole tree: one test. */
async function single(program: string, args: readonly string[]): Promise<Counts> {
  const { code } = await run(process.execPath, [tool(program), ...args], { deadlineMs: 120_000, output: 'show' });
  return code === 0 ? { ...noCounts, passed: 1 } : { ...noCounts, failures: [`${program} ended with ${code}`] };
}

interface MochaOptions {
  readonly deadlineMs: number;
  readonly testMs: number;
  readonly report: 'dot' | 'spec';
  /** How many files run at once; one after the other where it is not given. */
  readonly jobs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

async function mocha(
  name: string,
  suites: readonly string[],
  { deadlineMs, testMs, report, jobs, env: more = {} }: MochaOptions,
): Promise<Counts> {
  const sideBySide = jobs === undefined ? [] : ['--parallel', '--jobs', String(jobs)];
  const timeout = ['--timeout', String(testMs)];
  const args = ['--reporter', 'test/countsReporter.ts', ...sideBySide, ...timeout, ...suites.map(filesOf)];
  return counted(name, async (file) => {
    const env = { ...more, FLUX_PROMOTE_COUNTS: file, FLUX_PROMOTE_REPORT: report };
    const { code } = await run(process.execPath, [tool('mocha/bin/mocha.js'), ...args], {
      env,
      deadlineMs,
      output: 'show',
    });
    return code;
  });
}

/** As mocha takes it. */
function filesOf(suite: string): string {
  return suite.endsWith('.ts') ? suite : `${suite}/**/*.test.ts`;
}

/**
 * A real VS Code: the suites inside its extension host, then the built package driven by its user interface, two windows at a
 * time, for they wait far more than they compute.
 */
async function host(): Promise<Counts> {
  await build();
  await writePackage(testPackage);
  const inside = await counted('host-suite', runHostSuite);
  // Once, for two at the same time would both install it.
  await ensureBrowser();
  const options: MochaOptions = { deadlineMs: 1_500_000, testMs: 300_000, report: 'spec', jobs: 2 };
  const outside = await mocha('host-ui', ['test/host/ui'], options);
  return addCounts(inside, outside);
}

/**
 * One turn of suites after the other, in one stack. Where that cannot be built for no fault of ours, the suites' files count
 * as skipped, and loudly so.
 */
async function onRealFlux(turns: readonly (readonly string[])[]): Promise<Counts> {
  const stack = await startStack().catch((error: unknown) => {
    if (!(error instanceof StackUnavailable)) throw error;
    process.stdout.write(`\n!!! THE LIVE TESTS ARE SKIPPED !!!\n${error.message}\n\n`);
  });
  if (stack === undefined) {
    return { ...noCounts, skipped: turns.flat().flatMap(testFiles).length };
  }
  try {
    const env = { [stackVariable]: stateFile(stack.folder) };
    let counts = noCounts;
    for (const suites of turns) {
      const options: MochaOptions = { deadlineMs: 900_000, testMs: 180_000, report: 'spec', jobs: 4, env };
      counts = addCounts(counts, await mocha('live', suites, options));
    }
    return counts;
  } finally {
    await stack.stop();
  }
}

function testFiles(suite: string): readonly string[] {
  if (suite.endsWith('.ts')) return [suite];
  const files = readdirSync(join(root, suite), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.test.ts'));
}

/** Reads the counts that mocha left. A run that failed without saying how is one failure, and so is an empty one. */
async function counted(name: string, work: (countsFile: string) => Promise<number>): Promise<Counts> {
  const file = join(workFolder, 'counts', `${name}.json`);
  mkdirSync(join(workFolder, 'counts'), { recursive: true });
  rmSync(file, { force: true });
  const code = await work(file);
  const found = readCounts(file);
  if (found === undefined) process.stdout.write(`${name}: the run left no counts (exit code ${code}).\n`);
  const counts = found ?? noCounts;
  const isSilentFailure = counts.failures.length === 0 && (code !== 0 || counts.passed === 0);
  return isSilentFailure ? { ...counts, failures: [`${name} ended with ${code}, and named no failure`] } : counts;
}

const isPath = (arg: string): boolean => arg.startsWith('test/');

runScript(async () => {
  const args = process.argv.slice(2);
  if (args.includes('--newest')) process.env['FLUX_PROMOTE_HOST'] = 'newest';
  const named = args.filter((arg) => !arg.startsWith('--'));
  const [only, wanted] = [named.filter(isPath), named.filter((arg) => !isPath(arg))];
  const known = { ...parts, ...partsOnDemand };
  let total = noCounts;
  for (const name of wanted.length > 0 ? wanted : Object.keys(parts)) {
    const part = known[name];
    if (part === undefined) throw new Error(`No part ${name}: there are ${Object.keys(known).join(', ')}.`);
    const start = performance.now();
    process.stdout.write(`\n== ${name}\n`);
    const counts = await part(only).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      return { ...noCounts, failures: [`${name}: ${message}`] };
    });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stdout.write(`== ${name}: ${counts.failures.length === 0 ? 'ok' : 'FAILED'} in ${seconds} s\n`);
    total = addCounts(total, counts);
  }
  process.stdout.write(`\n${formatCounts(total)}`);
  if (total.failures.length > 0) process.exitCode = 1;
});
