import { readFileSync } from 'node:fs';

export interface Counts {
  readonly passed: number;
  readonly skipped: number;
  /** One line each: the test's name and what it said. */
  readonly failures: readonly string[];
}

export const noCounts: Counts = { passed: 0, skipped: 0, failures: [] };

/** What test/countsReporter.ts left; nothing when the run did not come so far. */
export function readCounts(file: string): Counts | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Counts;
  } catch {
    return undefined;
  }
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
  };
}

/** What failed, a line each, and the closing line of every test script, which CI reads. */
export function formatCounts({ passed, skipped, failures }: Counts): string {
  const lines = failures.map((failure) => `FAILED ${failure}\n`);
  return `${lines.join('')}\n${passed} passed, ${failures.length} failed, ${skipped} skipped\n`;
}
