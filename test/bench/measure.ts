// How long things take, side by side: each round runs every one of them in turn, so that a busy machine is busy for all.
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
