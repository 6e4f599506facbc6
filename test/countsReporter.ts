// Mocha's own report, plus the counts and what failed as JSON in the file that FLUX_PROMOTE_COUNTS names, for
// `npm test` to add up.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

function CountsReporter(runner: Mocha.Runner, options: Mocha.MochaOptions): void {
  const Report = process.env['FLUX_PROMOTE_REPORT'] === 'dot' ? Mocha.reporters.Dot : Mocha.reporters.Spec;
  const report = new Report(runner, options);
  const file = process.env['FLUX_PROMOTE_COUNTS'];
  if (file === undefined) return;
  runner.once('end', () => {
    const { passes, pending } = report.stats;
    writeFileSync(file, JSON.stringify({ passed: passes, skipped: pending, failures: report.failures.map(inOneLine) }));
  });
}

function inOneLine(test: Mocha.Test): string {
  const message = test.err?.message?.trim().split('\n')[0] ?? '';
  return `${test.titlePath().join(' > ')}: ${message}`;
}

// Mocha takes a reporter file's whole export.
export = CountsReporter;
