// Runs one of our own bundles as a process of its own, on the Node that runs us. It ends with us: its input is a pipe that
// closes when this process does.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ProblemError } from '../model/problem';
import type { Disposable } from './lifetime';
import { withinTime } from './limits';
import type { Logger } from './logger';
import { redact } from './redact';

export interface NodeProgram {
  /** Absolute path of the bundle. */
  readonly script: string;
  readonly arguments: readonly string[];
  readonly logger: Logger;
}

function start({ script, arguments: given, logger }: NodeProgram): ChildProcess {
  const environment = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const child = spawn(process.execPath, [script, ...given], { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  // A pipe that the program has closed is the program's end, which is told by its exit.
  child.stdin?.on('error', () => undefined);
  if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => logger.warn(redact(line)));
  return child;
}

/** Runs to the end; its lines. Rejects with `program-failed` where it ended badly and has said nothing but errors. */
export async function runNodeProgram(program: NodeProgram, signal: AbortSignal): Promise<readonly string[]> {
  const child = start(program);
  const lines: string[] = [];
  let lastError = '';
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on('line', (line) => (lastError = line || lastError));
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const stop = (): void => void child.kill();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    signal.throwIfAborted();
    if (exitCode !== 0 && lines.length === 0) throw programFailed(program, lastError);
    return lines;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Starts and waits for the first line of output; disposing ends it. */
export async function startNodeProgram(
  program: NodeProgram,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Disposable & { readonly firstLine: string }> {
  const child = start(program);
  let lastError = '';
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on('line', (line) => (lastError = line || lastError));
  try {
    const limit = { ms: timeoutMs, who: program.script.slice(program.script.lastIndexOf('/') + 1) };
    const firstLine = await withinTime(limit, signal, () => {
      return new Promise<string>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', () => reject(programFailed(program, lastError)));
        if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve);
      });
    });
    return { firstLine, dispose: () => child.stdin?.end() };
  } catch (error) {
    child.kill();
    throw error;
  }
}

function programFailed({ arguments: given }: NodeProgram, lastError: string): ProblemError {
  const message = redact(lastError) || `The program stopped without a word (${given[0] ?? ''}).`;
  return new ProblemError({ code: 'program-failed', message });
}
