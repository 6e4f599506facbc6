// What a clone says, read by plumbing. The work tree and the index are never looked at, and nothing here writes but fetch.
import { resolve } from 'node:path';
import type { Commit } from '../../model/facts';
import { listPrograms } from '../disk';
import { gitFailed, notARepository, refMissing, transportProblem } from './gitProblem';
import {
  type BlamedLine,
  type Blob,
  commitFormat,
  type FilePatch,
  parseBatch,
  parseBlame,
  parseCommit,
  parseLog,
  parsePatch,
  parseRemotes,
  parseTree,
  type Remote,
  type TreeEntry,
} from './records';
import type { GitCommand, GitResult, GitRun } from './run';

export type Head =
  | { readonly state: 'branch'; readonly branch: string }
  | { readonly state: 'unborn'; readonly branch: string }
  | { readonly state: 'detached' };

export interface HistoryEntry {
  readonly commit: Commit;
  /** What the commit changed in the selected files; of a merge only what none of its parents has. */
  readonly files: readonly FilePatch[];
}

export interface History {
  /** Newest first. */
  readonly entries: readonly HistoryEntry[];
  /** A partial clone lacks what older commits hold: it ends where that begins. */
  readonly isCut: boolean;
}

export interface HistorySelection {
  /** The one file, or files by fixed patterns. */
  readonly files: { readonly path: string } | { readonly patterns: readonly string[] };
  readonly maxCount: number;
  readonly skip?: number;
}

/** Every function rejects with a `git-…` problem, `timed-out` or `too-large`; hashes are full. */
export interface GitReader {
  readonly folder: string;
  /** Of a bare repository the folder in which this was asked. */
  topLevel(signal: AbortSignal): Promise<string>;
  head(signal: AbortSignal): Promise<Head>;
  remotes(signal: AbortSignal): Promise<readonly Remote[]>;
  config(key: string, signal: AbortSignal): Promise<string | undefined>;
  /** The reference that `ref` stands for, `refs/remotes/origin/main` for `refs/remotes/origin/HEAD`. */
  symbolicRef(ref: string, signal: AbortSignal): Promise<string | undefined>;
  /** The remote-tracking reference that HEAD's branch follows; undefined where there is none, or where HEAD has no branch. */
  upstream(signal: AbortSignal): Promise<string | undefined>;
  /** The commit's hash, or undefined when there is no such revision. */
  findCommit(revision: string, signal: AbortSignal): Promise<string | undefined>;
  commit(revision: string, signal: AbortSignal): Promise<Commit>;
  /** Hashes of the last commits that `commit` contains, itself first. */
  recentHashes(commit: string, maxCount: number, signal: AbortSignal): Promise<readonly string[]>;
  /** Names of remote branches without the remote, newest commit first is not promised. */
  remoteBranches(remote: string, signal: AbortSignal): Promise<readonly string[]>;
  listFiles(commit: string, signal: AbortSignal): Promise<readonly TreeEntry[]>;
  /** Text files that hold one of the fixed strings. */
  grepFiles(commit: string, strings: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
  /** In the order of `paths`; undefined where the commit has no such file. */
  readFiles(
    commit: string,
    paths: readonly string[],
    maxBytesEach: number,
    signal: AbortSignal,
  ): Promise<readonly (Blob | undefined)[]>;
  /** Commits that changed the selected files; renames are followed only among files by patterns. */
  history(commit: string, selection: HistorySelection, signal: AbortSignal): Promise<History>;
  /** All that one commit changed, with renames. */
  change(commit: string, signal: AbortSignal): Promise<HistoryEntry | undefined>;
  changedFiles(commit: string, signal: AbortSignal): Promise<readonly string[]>;
  /** The commit that last wrote the one-based line, and the file and line in it: renames are followed. */
  blameLine(commit: string, path: string, line: number, signal: AbortSignal): Promise<BlamedLine | undefined>;
  mergeBase(one: string, other: string, signal: AbortSignal): Promise<string | undefined>;
  isAncestor(ancestor: string, descendant: string, signal: AbortSignal): Promise<boolean>;
  isShallow(signal: AbortSignal): Promise<boolean>;
  /** Commits that `tip` contains and `base` does not, newest first. */
  commitsSince(base: string, tip: string, signal: AbortSignal): Promise<readonly Commit[]>;
  /** The hooks of this clone that a commit in its work tree would run, and a commit by plumbing does not: `pre-commit`. */
  commitHooks(signal: AbortSignal): Promise<readonly string[]>;
  /** Updates `refs/remotes/<remote>/<branch>`. */
  fetch(remote: string, branch: string, signal: AbortSignal): Promise<void>;
}

const patchOptions = ['-p', '-U0', '--cc', '--no-color', '--no-ext-diff', '--no-textconv', `--format=${commitFormat}`];
const patchLimits = { maxBytes: 256_000_000, timeoutMs: 120_000 };

function entriesOf({ stdout }: GitResult): readonly HistoryEntry[] {
  return parseLog(stdout.toString('utf8')).map(({ commit, rest }) => ({ commit, files: parsePatch(rest) }));
}

const commitHookNames = ['pre-commit', 'prepare-commit-msg', 'commit-msg', 'post-commit'];

export function gitReader(folder: string, run: GitRun): GitReader {
  /** The output, or a problem that names the repository itself where that is what is wrong. */
  const ask = async (what: string, command: GitCommand, signal: AbortSignal, fine: readonly number[] = []) => {
    const result = await run(command, signal);
    if (result.exitCode === 0 || fine.includes(result.exitCode)) return result;
    throw await explain(what, result, signal);
  };
  const explain = async (what: string, result: GitResult, signal: AbortSignal) => {
    const probe = await run({ subcommand: 'rev-parse', options: ['--git-dir'] }, signal);
    return probe.exitCode === 0 ? gitFailed(what, result) : notARepository(folder, probe.stderr);
  };
  const line = (result: GitResult): string => result.stdout.toString('utf8').trimEnd();
  const isPartial = async (signal: AbortSignal): Promise<boolean> => {
    const values = ['^(extensions\\.partialclone|remote\\..*\\.promisor)$'];
    const command: GitCommand = { subcommand: 'config', options: ['--get-regexp'], values };
    return (await ask('read its configuration', command, signal, [1])).exitCode === 0;
  };

  const reader: GitReader = {
    folder,
    topLevel: async (signal) => {
      const result = await run({ subcommand: 'rev-parse', options: ['--show-toplevel'] }, signal);
      if (result.exitCode === 0) return line(result);
      await ask('find the repository', { subcommand: 'rev-parse', options: ['--git-dir'] }, signal);
      // A bare repository has no work tree: its folder will do.
      return folder;
    },
    head: async (signal) => {
      const branch = await reader.symbolicRef('HEAD', signal);
      if (branch === undefined) return { state: 'detached' };
      const state = (await reader.findCommit('HEAD', signal)) === undefined ? 'unborn' : 'branch';
      return { state, branch: branch.replace(/^refs\/heads\//, '') };
    },
    remotes: async (signal) => {
      // Unlike the raw configuration, this answers with the user's insteadOf rules applied.
      const listed = line(await ask('list the remotes', { subcommand: 'remote', options: ['-v'] }, signal));
      return parseRemotes(listed);
    },
    config: async (key, signal) => {
      const result = await ask(
        'read its configuration',
        { subcommand: 'config', options: ['--get'], values: [key] },
        signal,
        [1],
      );
      return result.exitCode === 0 ? line(result) : undefined;
    },
    symbolicRef: async (ref, signal) => {
      const command: GitCommand = { subcommand: 'symbolic-ref', options: ['--quiet'], values: [ref] };
      const result = await ask('read HEAD', command, signal, [1]);
      return result.exitCode === 0 ? line(result) : undefined;
    },
    upstream: async (signal) => {
      const options = ['--quiet', '--verify', '--symbolic-full-name'];
      // Every way of having no upstream ends in the same exit code.
      const result = await run({ subcommand: 'rev-parse', options, values: ['@{upstream}'] }, signal);
      return result.exitCode === 0 ? line(result) : undefined;
    },
    findCommit: async (revision, signal) => {
      const command: GitCommand = {
        subcommand: 'rev-parse',
        options: ['--verify', '--quiet'],
        values: [`${revision}^{commit}`],
      };
      const result = await ask('resolve a revision', command, signal, [1]);
      return result.exitCode === 0 ? line(result) : undefined;
    },
    commit: async (revision, signal) => {
      const options = ['-1', `--format=${commitFormat}`];
      const command: GitCommand = { subcommand: 'log', options, values: [`${revision}^{commit}`] };
      const result = await run(command, signal);
      if (result.exitCode !== 0) {
        if ((await reader.findCommit(revision, signal)) === undefined) throw refMissing(revision);
        throw await explain('read a commit', result, signal);
      }
      const parsed = parseCommit(result.stdout.toString('utf8').replace(/^\x1e/, ''));
      if (parsed === undefined) throw gitFailed('read a commit', result);
      return parsed.commit;
    },
    recentHashes: async (commit, maxCount, signal) => {
      const options = ['--format=%H', `--max-count=${maxCount}`];
      return line(await ask('read the history', { subcommand: 'log', options, values: [commit] }, signal)).split('\n');
    },
    remoteBranches: async (remote, signal) => {
      const prefix = `refs/remotes/${remote}/`;
      const command: GitCommand = { subcommand: 'for-each-ref', options: ['--format=%(refname)'], values: [prefix] };
      const result = await ask('list the branches', command, signal);
      return line(result)
        .split('\n')
        .filter((name) => name.startsWith(prefix) && name !== `${prefix}HEAD`)
        .map((name) => name.slice(prefix.length));
    },
    listFiles: async (commit, signal) => {
      const command: GitCommand = { subcommand: 'ls-tree', options: ['-r', '-z'], values: [commit] };
      return parseTree((await ask('list the files', command, signal)).stdout.toString('utf8'));
    },
    grepFiles: async (commit, strings, signal) => {
      const patterns = strings.flatMap((text) => ['-e', text]);
      const command: GitCommand = {
        subcommand: 'grep',
        options: ['-l', '-z', '-F', '-I', ...patterns],
        values: [commit],
      };
      const result = await ask('search the files', command, signal, [1]);
      // Each name stands behind the revision: `<hash>:path`.
      const names = result.stdout.toString('utf8').split('\0');
      return names.filter((name) => name !== '').map((name) => name.slice(commit.length + 1));
    },
    readFiles: async (commit, paths, maxBytesEach, signal) => {
      // A line break would be read as a second request; no manifest is called that.
      const askable = paths.map((path) => (path.includes('\n') ? undefined : path));
      const wanted = askable.filter((path) => path !== undefined);
      if (wanted.length === 0) return paths.map(() => undefined);
      const command: GitCommand = {
        subcommand: 'cat-file',
        options: ['--batch'],
        input: `${wanted.map((path) => `${commit}:${path}`).join('\n')}\n`,
        maxBytes: 512_000_000,
      };
      const blobs = parseBatch((await ask('read the files', command, signal)).stdout, maxBytesEach)[Symbol.iterator]();
      return askable.map((path) => (path === undefined ? undefined : blobs.next().value));
    },
    history: async (commit, { files, maxCount, skip = 0 }, signal) => {
      const command: GitCommand = {
        subcommand: 'log',
        options: [
          ...patchOptions,
          'path' in files ? '--no-renames' : '-M',
          `--max-count=${maxCount}`,
          `--skip=${skip}`,
        ],
        values: [commit],
        ...('path' in files ? { paths: [files.path] } : { pathspecs: files.patterns }),
        ...patchLimits,
      };
      const result = await run(command, signal);
      if (result.exitCode === 0) return { entries: entriesOf(result), isCut: false };
      if (!(await isPartial(signal))) throw await explain('read the history', result, signal);
      // Whatever it printed of the last commit may not be all.
      return { entries: entriesOf(result).slice(0, -1), isCut: true };
    },
    change: async (commit, signal) => {
      const options = [...patchOptions, '-M', '-1'];
      const command: GitCommand = { subcommand: 'log', options, values: [commit], ...patchLimits };
      return entriesOf(await ask('read a commit', command, signal))[0];
    },
    changedFiles: async (commit, signal) => {
      const command: GitCommand = {
        subcommand: 'log',
        options: ['-1', '-z', '--name-only', '--no-renames', '--format='],
        values: [commit],
      };
      const output = (await ask('read a commit', command, signal)).stdout.toString('utf8');
      return output.split('\0').filter((name) => name !== '');
    },
    blameLine: async (commit, path, at, signal) => {
      const options = ['--porcelain', '-L', `${at},${at}`];
      const result = await ask(
        'blame a line',
        { subcommand: 'blame', options, values: [commit], paths: [path] },
        signal,
      );
      return parseBlame(result.stdout.toString('utf8'));
    },
    mergeBase: async (one, other, signal) => {
      const result = await ask('compare commits', { subcommand: 'merge-base', values: [one, other] }, signal, [1]);
      return result.exitCode === 0 ? line(result) : undefined;
    },
    isAncestor: async (ancestor, descendant, signal) => {
      const values = [ancestor, descendant];
      const command: GitCommand = { subcommand: 'merge-base', options: ['--is-ancestor'], values };
      return (await ask('compare commits', command, signal, [1])).exitCode === 0;
    },
    commitsSince: async (base, tip, signal) => {
      const command: GitCommand = {
        subcommand: 'log',
        options: [`--format=${commitFormat}`],
        values: [`${base}..${tip}`],
      };
      const output = (await ask('read the history', command, signal)).stdout.toString('utf8');
      return parseLog(output).map(({ commit: made }) => made);
    },
    commitHooks: async (signal) => {
      const command: GitCommand = { subcommand: 'rev-parse', options: ['--git-path', 'hooks'] };
      return await listPrograms(resolve(folder, line(await ask('find its hooks', command, signal))), commitHookNames);
    },
    isShallow: async (signal) => {
      const command: GitCommand = { subcommand: 'rev-parse', options: ['--is-shallow-repository'] };
      return line(await ask('inspect the clone', command, signal)) === 'true';
    },
    fetch: async (remote, branch, signal) => {
      const refspec = `+refs/heads/${branch}:refs/remotes/${remote}/${branch}`;
      const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
      const command: GitCommand = { subcommand: 'fetch', options, values: [remote, refspec], timeoutMs: 120_000 };
      const result = await run(command, signal);
      if (result.exitCode !== 0) throw transportProblem(remote, result.stderr);
    },
  };
  return reader;
}
