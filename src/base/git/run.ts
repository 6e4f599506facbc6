// The only door to the git program: simple-git's raw() behind an allow list of subcommands and their options.
// Invariant: no value (revision, path, remote) can become an option, no option outside the list can be passed, and Git
// started here never prompts, never runs a file-system monitor, and runs hooks only for a push.
// The user's Git environment is passed through; what binds Git to one repository (GIT_DIR, …) is not.
import { GitConstructError, type SimpleGitOptions, simpleGit } from 'simple-git';
import { ProblemError } from '../../model/problem';
import { tooLarge, withinTime } from '../limits';
import type { Logger } from '../logger';

const options = {
  blame: ['--porcelain', '-L'],
  'cat-file': ['--batch', '--batch-check', '-e'],
  'commit-tree': ['-p', '-S', '-F'],
  config: ['--get', '--get-regexp', '--type'],
  fetch: ['--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--quiet'],
  'for-each-ref': ['--format'],
  grep: ['-l', '-z', '-F', '-I', '-e'],
  'hash-object': ['-w', '--stdin', '--no-filters'],
  log: [
    '-1',
    '-z',
    '-p',
    '-U0',
    '--format',
    '--max-count',
    '--skip',
    '--first-parent',
    '--name-only',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--no-renames',
    '-M',
    '--cc',
    '--full-index',
  ],
  'ls-tree': ['-r', '-z', '-l'],
  'merge-base': ['--is-ancestor'],
  mktree: ['-z', '--missing', '--batch'],
  push: ['--porcelain', '--no-recurse-submodules'],
  remote: ['-v'],
  'rev-parse': [
    '--verify',
    '--quiet',
    '--symbolic-full-name',
    '--is-shallow-repository',
    '--show-toplevel',
    '--git-dir',
    '--git-path',
  ],
  'symbolic-ref': ['--quiet', '--short'],
  'update-ref': [],
  var: [],
  version: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Subcommand = keyof typeof options;

export interface GitCommand {
  readonly subcommand: Subcommand;
  /** Each of the list, `--name=value`, or a value right behind an option that takes one (`-L`, `-e`, `-p`, `-F`). */
  readonly options?: readonly string[];
  /** Revisions, remotes, references: anything that does not begin with a dash. */
  readonly values?: readonly string[];
  /** Literal paths, relative to the repository's root. */
  readonly paths?: readonly string[];
  /** Patterns, never made of outside text: `*.yaml`. */
  readonly pathspecs?: readonly string[];
  readonly input?: string | Buffer;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

export interface GitResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  /** Git's own words in English, neither redacted nor decided upon. */
  readonly stderr: string;
}

/** Runs Git and tells how it ended; a non-zero exit is a result. Throws `git-missing`, `timed-out`, `too-large`. */
export type GitRun = (command: GitCommand, signal: AbortSignal) => Promise<GitResult>;

export interface GitProgram {
  /** The folder in which Git runs. */
  readonly folder: string;
  /** The program: a path from the editor's Git or the settings; `git` by default. */
  readonly path?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

const withValue: ReadonlySet<string> = new Set(['-L', '-e', '-p', '-F', '--git-path']);
/** These two refuse `--end-of-options` (git 2.39); their revisions must be full hashes. */
const hashOnly: ReadonlySet<Subcommand> = new Set(['blame', 'grep']);
/** Their positional words are subcommands or nothing at all. */
const bare: ReadonlySet<Subcommand> = new Set(['remote', 'var', 'version']);
/** What walks through a history would fetch each object that a partial clone lacks, one by one. It fails instead. */
const walks: ReadonlySet<Subcommand> = new Set(['log', 'blame', 'grep']);
const noFetching = { GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none' };
/** A push runs the user's hooks; `rev-parse` only tells where they are. */
const knowsHooks: ReadonlySet<Subcommand> = new Set(['push', 'rev-parse']);
const hash = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const boundToRepository =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|GRAFT_FILE|SHALLOW_FILE|REPLACE_REF_BASE|TRACE\w*)$/;

/** The argument list, or an exception for what no caller may ask: that is a bug, not trouble. */
export function gitArguments(command: GitCommand): readonly string[] {
  const { subcommand, values = [] } = command;
  const paths = command.pathspecs ?? command.paths;
  const allowed: readonly string[] = options[subcommand];
  const given = command.options ?? [];
  given.forEach((option, index) => {
    if (withValue.has(given[index - 1] ?? '')) return;
    const name = option.startsWith('--') ? (option.split('=', 1)[0] ?? option) : option;
    if (!allowed.includes(name)) throw new Error(`git ${subcommand}: option not allowed: ${option}`);
  });
  if (subcommand === 'config' && !given.some((option) => option.startsWith('--get')))
    throw new Error('git config: only reading is allowed');
  if (subcommand === 'remote' && values.length > 0) throw new Error('git remote: only reading is allowed');
  for (const value of values) {
    if (value === '' || value.startsWith('-') || value.includes('\0')) {
      throw new Error(`git ${subcommand}: value not allowed: ${JSON.stringify(value)}`);
    }
    if (hashOnly.has(subcommand) && !hash.test(value)) throw new Error(`git ${subcommand}: not a hash: ${value}`);
  }
  const guarded = values.length > 0 && !hashOnly.has(subcommand) && !bare.has(subcommand);
  return [
    subcommand,
    ...given,
    ...(guarded ? ['--end-of-options'] : []),
    ...values,
    ...(paths ? ['--', ...paths] : []),
  ];
}

/** Everything that its environment may set is the user's own decision; what stands in arguments is guarded above. */
const unsafe: NonNullable<SimpleGitOptions['unsafe']> = {
  allowUnsafeAskPass: true,
  allowUnsafeCommandBinaries: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCustomBinary: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeEditor: true,
  allowUnsafeExec: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeGitProxy: true,
  allowUnsafeHooksPath: true,
  allowUnsafePager: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeSshCommand: true,
  allowUnsafeTemplateDir: true,
};

const nullDevice = process.platform === 'win32' ? 'NUL' : '/dev/null';

export function gitRun(program: GitProgram): GitRun {
  const inherited = Object.fromEntries(
    Object.entries(program.environment).filter(([name, value]) => value !== undefined && !boundToRepository.test(name)),
  );
  return async (command, signal) => {
    const args = gitArguments(command);
    const environment: Record<string, string | undefined> = {
      ...inherited,
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_LITERAL_PATHSPECS: command.pathspecs === undefined ? '1' : '0',
      ...(walks.has(command.subcommand) ? noFetching : {}),
    };
    const maxBytes = command.maxBytes ?? 64_000_000;
    const limit = { ms: command.timeoutMs ?? 30_000, who: `Git (git ${command.subcommand})` };
    const started = Date.now();
    return await withinTime(limit, signal, async (within) => {
      const stop = new AbortController();
      const forward = (): void => stop.abort(within.reason);
      within.addEventListener('abort', forward, { once: true });
      let result: GitResult | undefined;
      try {
        const git = simpleGit({
          baseDir: program.folder,
          binary: program.path ?? 'git',
          abort: stop.signal,
          allowEnvironment: Object.keys(environment),
          completion: { onClose: true, onExit: false },
          config: [
            'core.fsmonitor=false',
            'protocol.ext.allow=never',
            'core.quotePath=false',
            ...(knowsHooks.has(command.subcommand) ? [] : [`core.hooksPath=${nullDevice}`]),
          ],
          unsafe,
          input: () => command.input,
          // Asked after every run, failed or not: the one place that has the exit code and the bytes.
          errors: (_error, { exitCode, stdOut, stdErr }) => {
            const stderr = Buffer.concat(stdErr).toString('utf8');
            result = { exitCode, stdout: Buffer.concat(stdOut), stderr };
            return undefined;
          },
        })
          .env(environment)
          .outputHandler((_command, stdout) => {
            let size = 0;
            stdout.on('data', (chunk: Buffer) => {
              size += chunk.length;
              if (size > maxBytes) stop.abort(tooLarge('Git', maxBytes));
            });
            // For a program that has printed nothing simple-git waits another 50 ms when it is gone; fetch and update-ref never do.
            stdout.on('end', () => stdout.emit('data', Buffer.alloc(0)));
          });
        await git.raw([...args]);
      } catch (error) {
        if (error instanceof GitConstructError) throw folderMissing(program.folder);
        // simple-git wraps the abort in an error of its own; the signal knows the reason.
        if (!stop.signal.aborted && result === undefined) throw error;
      } finally {
        within.removeEventListener('abort', forward);
      }
      if (stop.signal.aborted) throw stop.signal.reason;
      if (result === undefined) throw new Error(`git ${command.subcommand} ended without a result`);
      // Node reports a program that could not be started by a negative exit code.
      if (result.exitCode < 0) throw gitMissing(program.path ?? 'git', result.stderr);
      program.logger.trace(`git ${args.join(' ')} (${result.exitCode}, ${Date.now() - started} ms)`);
      return result;
    });
  };
}

function gitMissing(path: string, stderr: string): ProblemError {
  return new ProblemError({
    code: 'git-missing',
    message: `The Git program (${path}) could not be started. Install Git or correct the setting git.path, then refresh.`,
    cause: stderr.split('\n', 1)[0] ?? '',
  });
}

function folderMissing(folder: string): ProblemError {
  return new ProblemError({
    code: 'git-not-a-repository',
    message: `The folder ${folder} does not exist. Open the clone of your GitOps repository.`,
  });
}
