import { spawn } from 'node:child_process';
import { root } from './paths';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** After this the whole process group is ended and `code` is 124, as `timeout` does. */
  readonly deadlineMs: number;
  /** `show` passes everything on as it comes; `keep` only collects it. */
  readonly output: 'show' | 'keep';
}

export interface RunResult {
  readonly code: number;
  readonly output: string;
}

const canGroup = process.platform !== 'win32';

/** Runs a program without a shell and without standard input. Rejects only when it cannot be started. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: canGroup,
    });
    const chunks: Buffer[] = [];
    const end = (signal: NodeJS.Signals): void => {
      if (child.pid === undefined || child.exitCode !== null) return;
      if (canGroup) process.kill(-child.pid, signal);
      else child.kill(signal);
    };
    const stop = (): void => {
      end('SIGTERM');
      process.exit(130);
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      end('SIGKILL');
    }, options.deadlineMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (options.output === 'show') process.stdout.write(chunk);
      });
    }
    const finish = (): void => {
      clearTimeout(timer);
      process.off('SIGINT', stop).off('SIGTERM', stop);
    };
    child.on('error', (error) => {
      finish();
      reject(error);
    });
    child.on('close', (code) => {
      finish();
      resolve({ code: isLate ? 124 : (code ?? 1), output: Buffer.concat(chunks).toString() });
    });
  });
}

/** Runs a program that must succeed; its output is shown only when it does not. */
export async function runOrFail(
  program: string,
  args: readonly string[],
  options: Omit<RunOptions, 'output'>,
): Promise<string> {
  const result = await run(program, args, { ...options, output: 'keep' });
  if (result.code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${result.code}:\n${result.output}`);
  return result.output;
}

/** The frame of every script: one plain line for what went wrong, the stack only when asked for. */
export function runScript(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    const text = error instanceof Error ? (process.env['DEBUG'] ? error.stack : error.message) : String(error);
    process.stderr.write(`${text}\n`);
    process.exit(1);
  });
}
