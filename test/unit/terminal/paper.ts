// The command line on paper: lines in, text and exit code out.
import type { Terminal } from '../../../src/terminal/command';
import { runCommandLine } from '../../../src/terminal/runCommandLine';

export interface Printed {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

function notGiven(): never {
  throw new Error('This command reads no repository.');
}

export async function call(
  given: readonly string[],
  lines: readonly string[] = [],
  machine: Partial<Terminal> = {},
): Promise<Printed> {
  let output = '';
  let errors = '';
  const terminal: Terminal = {
    folder: '/repository',
    print: async (text) => {
      output += text;
    },
    inputLines: async function* () {
      yield* lines;
    },
    readFile: notGiven,
    readRepository: notGiven,
    readTimeline: notGiven,
    readWorkTree: notGiven,
    readFolders: notGiven,
    readImage: notGiven,
    openCluster: notGiven,
    readTags: notGiven,
    readForge: notGiven,
    readLastCommit: notGiven,
    now: notGiven,
    ...machine,
  };
  const exitCode = await runCommandLine(given, terminal, (text) => {
    errors += text;
  });
  return { exitCode, output, errors };
}

/** The answers of a `--batch` call, one for each line. */
export async function batch(given: readonly string[], questions: readonly unknown[]): Promise<readonly object[]> {
  const { output } = await call(
    given,
    questions.map((question) => JSON.stringify(question)),
  );
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
}
