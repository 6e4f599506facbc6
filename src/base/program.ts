// Runs another program to its end: no shell, a given environment, limits in time and size, and an end with its caller.
import { type ChildProcess, spawn } from 'node:child_process';
import { ProblemError } from '../model/problem';
import { readCapped, withinTime } from './limits';

export interface ProgramCall {
  /** A name on the PATH, or an absolute path. */
  readonly program: string;
  readonly arguments: readonly string[];
  /** For its standard input. */
  readonly input: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

export interface ProgramResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A non-zero exit is a result. Rejects with `program-failed` when it cannot be started, `timed-out`, `too-large`. */
export async function runProgram(call: ProgramCall, signal: AbortSignal): Promise<ProgramResult> {
  const { program, input, environment, maxBytes } = call;
  const limit = { ms: call.timeoutMs, who: `The program ${program}` };
  return await withinTime(limit, signal, async (within) => {
    const child = spawn(program, [...call.arguments], {
      env: { ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      // A group of its own, so that what it has started ends with it.
      detached: process.platform !== 'win32',
    });
    const stop = (): void => endGroup(child);
    within.addEventListener('abort', stop, { once: true });
    // A program that does not read its input closes it; how it ended says the rest.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', (error) => reject(notStarted(program, error)));
      child.once('close', resolve);
    });
    try {
      const [exitCode, stdout, stderr] = await Promise.all([
        ended,
        readCapped(child.stdout, maxBytes, `The program ${program}`),
        readCapped(child.stderr, maxBytes, `The program ${program}`),
      ]);
      return { exitCode, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
    } finally {
      within.removeEventListener('abort', stop);
      stop();
    }
  });
}

function endGroup(child: ChildProcess): void {
  if (process.platform === 'win32' || child.pid === undefined) {
    child.kill('SIGKILL');
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function notStarted(program: string, error: Error): ProblemError {
  return new ProblemError({
    code: 'program-failed',
    message: `The program ${program} could not be started. Install it, or put its folder on the PATH.`,
    cause: error.message,
  });
}
