// How long things take, side by side: each round runs every one of them in turn, so that a busy machine is busy for all.
import { existsSync, readFileSync } from 'node:fs';
import { median } from './figure';

/** CPU milliseconds of this process, all of its threads; what other processes do does not count. */
export function cpuTime<T>(run: () => T): { readonly ms: number; readonly result: T } {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, result };
}

/** Medians of the CPU time, after a first round that is not counted. */
export function compareCpu<K extends string>(
  rounds: number,
  runs: Readonly<Record<K, () => unknown>>,
): Record<K, number> {
  const names = Object.keys(runs) as K[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const { ms } = cpuTime(runs[name]);
      if (round > 0) times[name].push(ms);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<K, number>;
}

/** Medians of the time by the clock, for what waits for other programs. */
export async function compareClock<K extends string>(
  rounds: number,
  runs: Readonly<Record<K, () => Promise<unknown>>>,
): Promise<Record<K, number>> {
  const names = Object.keys(runs) as K[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      await runs[name]();
      if (round > 0) times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<K, number>;
}

const ownFigures = '/proc/self/stat';

/** CPU milliseconds of this process and of the programs that have ended under it: only Linux tells, elsewhere the clock stands in. */
function workedMs(): number {
  if (!existsSync(ownFigures)) return performance.now();
  // Behind the program's name: utime, stime, cutime and cstime are 12th to 15th, in hundredths of a second (proc(5)).
  const fields = readFileSync(ownFigures, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * 10;
}

/** Of work that other programs do, in turn with nothing else: what it takes of the machine, however busy that is. */
export async function workOf(run: () => Promise<unknown>): Promise<number> {
  const before = workedMs();
  await run();
  return workedMs() - before;
}

/** Medians of that. */
export async function compareWork<K extends string>(
  rounds: number,
  runs: Readonly<Record<K, () => Promise<unknown>>>,
): Promise<Record<K, number>> {
  const names = Object.keys(runs) as K[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const took = await workOf(runs[name]);
      if (round > 0) times[name].push(took);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<K, number>;
}
