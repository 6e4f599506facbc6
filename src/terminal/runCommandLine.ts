// Finds the command, runs it, and turns trouble into one line and an exit code: 0 fine, 1 findings, 2 could not run.
import { type Problem, ProblemError } from '../model/problem';
import { checkCommand } from './checkCommand';
import { type Command, type ExitCode, type Terminal, UsageError } from './command';
import { explainCommand } from './explainCommand';
import { historyCommand } from './historyCommand';
import { imagesCommand } from './imagesCommand';
import { lineageCommand } from './lineageCommand';
import { markersCommand } from './markersCommand';
import { proveCommand } from './proveCommand';
import { selectCommand } from './selectCommand';
import { statusCommand } from './statusCommand';

const commands: readonly Command[] = [
  checkCommand,
  statusCommand,
  selectCommand,
  proveCommand,
  markersCommand,
  imagesCommand,
  historyCommand,
  explainCommand,
  lineageCommand,
];

export async function runCommandLine(
  given: readonly string[],
  terminal: Terminal,
  printError: (text: string) => unknown,
): Promise<ExitCode> {
  const [name, ...rest] = given;
  if (name === 'help' || name === '--help' || name === '-h') {
    await terminal.print(formatUsage(commands));
    return 0;
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    printError(`${name === undefined ? '' : `flux-promote: there is no command "${name}".\n`}${formatUsage(commands)}`);
    return 2;
  }
  if (rest.includes('--help')) {
    await terminal.print(
      [formatUsage([command]), ...(command.details ?? []).map((line) => `      ${line}\n`)].join(''),
    );
    return 0;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    if (error instanceof ProblemError) printError(formatProblem(error.problem));
    else if (error instanceof UsageError || isArgumentError(error)) {
      printError(`flux-promote: ${error.message}\n${formatUsage([command])}`);
    } else printError(`flux-promote: this is a bug, please report it: ${describe(error)}\n`);
    return 2;
  }
}

/** There is no log to look into: where a message speaks of one, the program's own words follow. */
function formatProblem({ code, message, cause }: Problem): string {
  const words = code === 'git-failed' && cause !== undefined ? `${cause.trimEnd()}\n` : '';
  return `flux-promote: ${message}\n${words}`;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Node's own refusal of options (util.parseArgs). */
function isArgumentError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

function formatUsage(some: readonly Command[]): string {
  return `Usage:\n${some.map(({ usage, summary }) => `  flux-promote ${usage}\n      ${summary}`).join('\n')}\n`;
}
