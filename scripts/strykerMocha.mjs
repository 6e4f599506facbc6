// Stryker's test runner for `npm run mutate`: its own mocha runner needs files that mocha 12 has moved. Runs the tests of
// src/policy in one process, for one mutant after the other, and stops at the first test that fails.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { configureGlobal } from 'fast-check';
import Mocha from 'mocha';
import { register } from 'tsx/cjs/api';

const require = createRequire(import.meta.url);
register();
// The same cases in every run, and no search for a smaller one: whether a test fails is all that is asked.
configureGlobal({ seed: 20, endOnFailure: true });

/** What the instrumented source reads and writes. */
const instrumenter = (globalThis.__stryker__ ??= {});

/** Left out, with the recorded answers: seconds for each mutant, and what they find the other tests find too. */
const slow = /ends soon on patterns/;

/** Mocha calls it with `new`. */
function reportNothing() {}

/** Mocha with source and tests loaded anew, from the copy of the project that Stryker has made its working directory. */
function loadTests() {
  const root = process.cwd() + sep;
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(root) && !file.includes(`${sep}node_modules${sep}`)) delete require.cache[file];
  }
  const mocha = new Mocha({ reporter: reportNothing, timeout: 0 });
  mocha.cleanReferencesAfterRun(false);
  mocha.suite.beforeEach(function () {
    instrumenter.currentTestId = this.currentTest.fullTitle();
  });
  const folder = join(root, 'test/unit/policy');
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts') && !file.endsWith('.vectors.test.ts'));
  for (const file of files.sort()) mocha.addFile(join(folder, file));
  mocha.loadFiles();
  return mocha;
}

/** Runs the tests with these titles; without titles, all that are not slow. */
async function runTests(mocha, titles) {
  const wanted = titles && new Set(titles);
  mocha.grep({ test: (title) => (wanted ? wanted.has(title) : !slow.test(title)) });
  const tests = [];
  await new Promise((resolve) => {
    const runner = mocha.run(resolve);
    const resultOf = (test) => ({
      id: test.fullTitle(),
      name: test.fullTitle(),
      fileName: test.file,
      timeSpentMs: test.duration ?? 0,
    });
    runner.on('pass', (test) => tests.push({ ...resultOf(test), status: TestStatus.Success }));
    runner.on('fail', (test, error) => {
      tests.push({ ...resultOf(test), status: TestStatus.Failed, failureMessage: String(error?.message) });
      runner.abort();
    });
  });
  const limited = determineHitLimitReached(instrumenter.hitCount, instrumenter.hitLimit);
  return limited ?? { status: DryRunStatus.Complete, tests };
}

function createRunner() {
  let mocha;
  return {
    capabilities: () => ({ reloadEnvironment: true }),
    dryRun: async () => {
      mocha = loadTests();
      const result = await runTests(mocha, undefined);
      return { ...result, mutantCoverage: instrumenter.mutantCoverage };
    },
    mutantRun: async ({ activeMutant, testFilter, hitLimit, mutantActivation, reloadEnvironment }) => {
      instrumenter.hitLimit = hitLimit;
      instrumenter.hitCount = hitLimit === undefined ? undefined : 0;
      instrumenter.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined;
      if (reloadEnvironment) mocha = undefined;
      try {
        mocha ??= loadTests();
      } catch (error) {
        // The mutant keeps a module from being loaded: no test can pass.
        const failed = { id: 'load', name: 'load', timeSpentMs: 0, status: TestStatus.Failed };
        const tests = [{ ...failed, failureMessage: String(error) }];
        return toMutantRunResult({ status: DryRunStatus.Complete, tests });
      }
      instrumenter.activeMutant = activeMutant.id;
      return toMutantRunResult(await runTests(mocha, testFilter));
    },
  };
}

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'policy-tests', createRunner)];
