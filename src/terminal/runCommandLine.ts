// Finds the command, runs it, and turns trouble into one line and an exit code: 0 fine, 1 findings, 2 could not run.
import { ProblemError } from '../model/problem';
import { type Command, type Terminal, UsageError } from './command';
import { statusCommand } from './statusCommand';

const commands: readonly Command[] = [statusCommand];

export async function runCommandLine(
  given: readonly string[],
  terminal: Terminal,
  printError: (text: string) => unknown,
): Promise<number> {
  const [name, ...rest] = given;
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    if (name === 'help' || name === '--help') {
      terminal.print(usage());
      return 0;
    }
    if (name !== undefined) printError(`flux-promote: there is no command "${name}".\n`);
    printError(usage());
    return 2;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    if (error instanceof ProblemError) printError(`flux-promote: ${error.problem.message}\n`);
    else if (error instanceof UsageError || isArgumentError(error)) {
      printError(`flux-promote: ${error.message}\nUsage: flux-promote ${command.usage}\n`);
    } else throw error;
    return 2;
  }
}

/** Node's own refusal of options (util.parseArgs). */
function isArgumentError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

function usage(): string {
  const width = Math.max(...commands.map((command) => command.usage.length));
  const lines = commands.map((command) => `  flux-promote ${command.usage.padEnd(width)}  ${command.summary}`);
  return `Usage:\n${lines.join('\n')}\n`;
}
