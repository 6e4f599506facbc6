// How the lab runs Git: the user's configuration, hooks and credentials have no influence on it.

import { spawn } from 'node:child_process';
import { ProblemError } from '../../model/problem';

/** The caller's environment without its Git variables, and with no configuration but the repository's own. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('GIT_'));
  return {
    ...Object.fromEntries(own),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
}

export interface GitRun {
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends git when it fires; the run rejects with its reason. */
  readonly signal?: AbortSignal;
}

export class GitFailure extends Error {
  readonly exitCode: number | null;

  constructor(args: readonly string[], exitCode: number | null, stderr: string) {
    super(`git ${args.join(' ')} ended with ${exitCode ?? 'a signal'}: ${stderr.trim()}`);
    this.name = 'GitFailure';
    this.exitCode = exitCode;
  }
}

/** Standard output. Throws `GitFailure`, and `ProblemError` `git-missing` where there is no git. */
export async function runGit(args: readonly string[], run: GitRun = {}): Promise<string> {
  return (await runGitForBytes(args, run)).toString('utf8');
}

/** As `runGit`, for output that is no text or is cut by byte counts. */
export async function runGitForBytes(
  args: readonly string[],
  { cwd, input, env, signal }: GitRun = {},
): Promise<Buffer> {
  const child = spawn('git', args, {
    cwd,
    env: { ...gitEnvironment(), ...env },
    stdio: 'pipe',
    windowsHide: true,
    ...(signal === undefined ? {} : { signal }),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A git that ends before it has read everything says why on its standard error.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(asMissing(error)));
    child.once('close', resolve);
  }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
  if (exitCode !== 0) {
    throw new GitFailure(args, exitCode, Buffer.concat(stderr).toString('utf8'));
  }
  return Buffer.concat(stdout);
}

export function asMissing(error: Error): Error {
  return 'code' in error && error.code === 'ENOENT'
    ? new ProblemError({
        code: 'git-missing',
        message: 'No git program was found. Install Git, see that it is on the PATH, and open the practice lab again.',
        cause: error.message,
      })
    : error;
}
