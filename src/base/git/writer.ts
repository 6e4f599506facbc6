// Makes commits by plumbing and pushes them. The user's branch, index and work tree are never touched: a commit is built of
// objects alone, and what is pushed is named by its hash. Every process costs more than its work, so they are few.
import type { ProblemError } from '../../model/problem';
import { gitFailed, identityMissing, pushProblem, refMissing, signingFailed } from './gitProblem';
import { parseObjects } from './records';
import type { GitCommand, GitResult, GitRun } from './run';
import { foldersAbove, replaceBlobs } from './trees';

export interface CommitDraft {
  /** Full hash of the only parent. */
  readonly parent: string;
  readonly message: string;
  /** New text by path; the files exist in the parent and keep their mode. */
  readonly files: ReadonlyMap<string, string>;
}

export interface PushTarget {
  readonly remote: string;
  /** Full hash. */
  readonly commit: string;
  /** Without `refs/heads/`. */
  readonly branch: string;
}

/** Pushes one refspec with the user's credentials, the editor's way; rejects with a problem. */
export type PushRefspec = (remote: string, refspec: string, signal: AbortSignal) => Promise<void>;

export interface GitWriter {
  /** Builds the commit as the configured user, signed where `commit.gpgsign` says so; nothing points at it yet. */
  commitFiles(draft: CommitDraft, signal: AbortSignal): Promise<string>;
  /** Rejects with `git-push-rejected`, `-protected`, `-hook`, `git-auth` or `git-failed`; never forces. */
  push(target: PushTarget, signal: AbortSignal): Promise<void>;
  /** Lets the remote-tracking reference follow a push that went through; only from `previous`. */
  updateRemoteRef(target: PushTarget & { readonly previous: string }, signal: AbortSignal): Promise<void>;
}

/** `pushRefspec` is the editor's push; without it Git pushes by itself. */
export function gitWriter(run: GitRun, pushRefspec: PushRefspec = pushByGit(run)): GitWriter {
  const ask = async (what: string, command: GitCommand, signal: AbortSignal): Promise<Buffer> => {
    const result = await run(command, signal);
    if (result.exitCode !== 0) throw gitFailed(what, result);
    return result.stdout;
  };
  const hashIn = (output: Buffer): string => output.toString('latin1').trimEnd();

  const readTrees = async (
    { parent, files }: CommitDraft,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Buffer>> => {
    const folders = foldersAbove([...files.keys()]);
    // A line break would be read as a second request; no manifest lies there.
    const strange = folders.find((folder) => folder.includes('\n'));
    if (strange !== undefined) throw refMissing(`${parent.slice(0, 8)}:${strange}`);
    const input = folders.map((folder) => `${parent}:${folder}\n`).join('');
    const output = await ask('read the trees', { subcommand: 'cat-file', options: ['--batch'], input }, signal);
    const objects = parseObjects(output);
    return new Map(
      folders.map((folder, index) => {
        const object = objects[index];
        if (object?.type !== 'tree') throw refMissing(`${parent.slice(0, 8)}:${folder}`);
        return [folder, object.content];
      }),
    );
  };

  const store = async ([path, text]: readonly [string, string], signal: AbortSignal): Promise<[string, string]> => {
    const options = ['-w', '--no-filters', '--stdin'];
    const input = Buffer.from(text, 'utf8');
    return [path, hashIn(await ask('store a file', { subcommand: 'hash-object', options, input }, signal))];
  };

  const signs = async (signal: AbortSignal): Promise<readonly string[]> => {
    const options = ['--type=bool', '--get'];
    const result = await run({ subcommand: 'config', options, values: ['commit.gpgsign'] }, signal);
    return result.exitCode === 0 && result.stdout.toString('utf8').trim() === 'true' ? ['-S'] : [];
  };

  const commitProblem = async (isSigned: boolean, result: GitResult, signal: AbortSignal): Promise<ProblemError> => {
    const identity = await run({ subcommand: 'var', values: ['GIT_COMMITTER_IDENT'] }, signal);
    if (identity.exitCode !== 0) return identityMissing(identity.stderr);
    return isSigned ? signingFailed(result.stderr) : gitFailed('make the commit', result);
  };

  return {
    commitFiles: async (draft, signal) => {
      const [trees, blobs, signing] = await Promise.all([
        readTrees(draft, signal),
        Promise.all([...draft.files].map(async (file) => await store(file, signal))),
        signs(signal),
      ]);
      const made = replaceBlobs(trees, new Map(blobs));
      if (made === undefined) throw refMissing(`${draft.parent.slice(0, 8)}:${[...draft.files.keys()].join(', ')}`);
      // What a partial clone lacks is not looked for: it is named as before.
      const options = ['-z', '--missing', '--batch'];
      await ask('write the trees', { subcommand: 'mktree', options, input: made.input }, signal);
      const commit: GitCommand = {
        subcommand: 'commit-tree',
        options: [...signing, '-p', draft.parent, '-F', '-'],
        values: [made.root],
        input: draft.message,
        timeoutMs: 120_000,
      };
      const result = await run(commit, signal);
      if (result.exitCode !== 0) throw await commitProblem(signing.length > 0, result, signal);
      return hashIn(result.stdout);
    },
    push: async ({ remote, commit, branch }, signal) => {
      await pushRefspec(remote, `${commit}:refs/heads/${branch}`, signal);
    },
    updateRemoteRef: async ({ remote, branch, commit, previous }, signal) => {
      const ref = `refs/remotes/${remote}/${branch}`;
      const options = ['--verify', '--quiet'];
      const now = await run({ subcommand: 'rev-parse', options, values: [ref] }, signal);
      // Git's own push has already moved it, or a fetch has moved it on.
      if (now.exitCode === 0 && now.stdout.toString('utf8').trim() !== previous) return;
      const result = await run({ subcommand: 'update-ref', values: [ref, commit, previous] }, signal);
      if (result.exitCode !== 0) throw gitFailed('update the remote-tracking branch', result);
    },
  };
}

function pushByGit(run: GitRun): PushRefspec {
  return async (remote, refspec, signal) => {
    const options = ['--porcelain', '--no-recurse-submodules'];
    const result = await run({ subcommand: 'push', options, values: [remote, refspec], timeoutMs: 120_000 }, signal);
    if (result.exitCode === 0) return;
    const output = `${result.stdout.toString('utf8')}\n${result.stderr}`;
    const branch = refspec.slice(refspec.indexOf(':') + 1).replace(/^refs\/heads\//, '');
    throw pushProblem({ exitCode: result.exitCode, output, branch, remote });
  };
}
