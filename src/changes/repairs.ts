import type { Fault, Repair } from '../model/fault';

/** One edit a file, the first fault's: what else is wrong there is found again by the next explanation. */
export function repairsOf(faults: readonly Fault[]): readonly Repair[] {
  const all = faults.flatMap(({ repair = [] }) => repair).toReversed();
  return [...new Map(all.map((one) => [one.file, one])).values()];
}
