// Reading and writing a bare repository without a work tree, as a forge does on its own side.

import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Person } from '../content/names';
import { GitFailure, type GitRun, runGit, runGitForBytes } from '../git/labGit';

export interface CommitRecord {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person & { readonly date: string };
  readonly committer: Person & { readonly date: string };
  readonly message: string;
}

export interface FileDifference {
  readonly sha: string;
  readonly filename: string;
  readonly status: 'added' | 'removed' | 'modified' | 'changed';
  readonly additions: number;
  readonly deletions: number;
}

export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly path: string;
}

const recordFormat = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'].join('%x00');
const zeroSha = '0'.repeat(40);

/** The full hash of a branch, tag or commit; undefined when there is none. */
export async function resolveCommit(repository: string, ref: string): Promise<string | undefined> {
  // An answer to somebody's question: it must not be taken for an option or a range.
  if (!/^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(ref) || ref.includes('..')) {
    return undefined;
  }
  for (const candidate of [`refs/heads/${ref}`, `refs/tags/${ref}`, ref]) {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${candidate}^{commit}`];
    const sha = await runUnlessRefused(args, { cwd: repository });
    if (sha !== undefined) {
      return sha.trim();
    }
  }
  return undefined;
}

/** Newest first. `range` is made of full hashes. */
export async function readCommits(repository: string, range: string, limit: number): Promise<readonly CommitRecord[]> {
  const args = ['log', `--max-count=${limit}`, `--format=%x1e${recordFormat}`, range, '--'];
  const stdout = await runGit(args, { cwd: repository });
  return stdout.split('\x1e').slice(1).map(parseRecord);
}

export async function readCommit(repository: string, sha: string): Promise<CommitRecord> {
  const [record] = await readCommits(repository, sha, 1);
  if (!record) {
    throw new Error(`No commit ${sha} in ${repository}`);
  }
  return record;
}

function parseRecord(text: string): CommitRecord {
  const [sha = '', tree = '', parents = '', an = '', ae = '', ad = '', cn = '', ce = '', cd = '', ...message] =
    text.split('\0');
  return {
    sha,
    tree,
    parents: parents.split(' ').filter((parent) => parent !== ''),
    author: { name: an, email: ae, date: ad },
    committer: { name: cn, email: ce, date: cd },
    message: message.join('\0').trimEnd(),
  };
}

/** Between two trees or commits; `from` undefined means from nothing. */
export async function readDifferences(
  repository: string,
  from: string | undefined,
  to: string,
): Promise<readonly FileDifference[]> {
  const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
  const args = ['diff-tree', '-r', '--no-renames', '--raw', '--numstat', '--no-abbrev', '-z', from ?? emptyTree, to];
  const fields = (await runGit(args, { cwd: repository })).split('\0').filter((field) => field !== '');
  const raw = new Map<string, { sha: string; status: FileDifference['status'] }>();
  const differences: FileDifference[] = [];
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] ?? '';
    if (field.startsWith(':')) {
      const [, , before = '', after = '', letter = ''] = field.split(' ');
      index += 1;
      raw.set(fields[index] ?? '', { sha: after === zeroSha ? before : after, status: statusOf(letter) });
    } else {
      const [added = '', deleted = '', filename = ''] = field.split('\t');
      const { sha = '', status = 'modified' } = raw.get(filename) ?? {};
      differences.push({ sha, status, filename, additions: Number(added) || 0, deletions: Number(deleted) || 0 });
    }
  }
  return differences;
}

function statusOf(letter: string): FileDifference['status'] {
  return letter === 'A' ? 'added' : letter === 'D' ? 'removed' : letter === 'M' ? 'modified' : 'changed';
}

/** The entry at a path, or a folder's entries when the path ends with a slash (or is empty). */
export async function readTree(repository: string, sha: string, path: string): Promise<readonly TreeEntry[]> {
  const args = ['--literal-pathspecs', 'ls-tree', '-z', '--full-tree', sha, '--', ...(path === '' ? [] : [path])];
  const stdout = await runGit(args, { cwd: repository });
  return stdout
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [about = '', entryPath = ''] = line.split('\t');
      const [mode = '', type = '', entrySha = ''] = about.split(' ');
      return { mode, type, sha: entrySha, path: entryPath };
    });
}

export function readBlob(repository: string, sha: string): Promise<Buffer> {
  return runGitForBytes(['cat-file', 'blob', sha], { cwd: repository });
}

/** Undefined when there is no such file. */
export async function readFileAt(repository: string, sha: string, path: string): Promise<string | undefined> {
  const [entry] = await readTree(repository, sha, path);
  return entry?.type === 'blob' ? (await readBlob(repository, entry.sha)).toString('utf8') : undefined;
}

export interface CommitOnBranch {
  readonly branch: string;
  /** The tip that it was made from: the branch must still be there. */
  readonly parent: string;
  readonly author: Person;
  readonly at: number;
  readonly message: string;
  /** path → new content */
  readonly files: Readonly<Record<string, string>>;
}

/** Returns the new commit. Throws `GitFailure` when the branch has moved. */
export async function commitFiles(repository: string, commit: CommitOnBranch): Promise<string> {
  const index = join(tmpdir(), `flux-promote-index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index };
  try {
    await runGit(['read-tree', commit.parent], { cwd: repository, env });
    for (const [path, content] of Object.entries(commit.files)) {
      const blob = (await runGit(['hash-object', '-w', '--stdin'], { cwd: repository, input: content })).trim();
      await runGit(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], { cwd: repository, env });
    }
    const tree = (await runGit(['write-tree'], { cwd: repository, env })).trim();
    return await commitTree(repository, { ...commit, tree, parents: [commit.parent] });
  } finally {
    await rm(index, { force: true });
  }
}

export interface TreeOnBranch extends Omit<CommitOnBranch, 'files'> {
  readonly tree: string;
  readonly parents: readonly string[];
}

export async function commitTree(repository: string, commit: TreeOnBranch): Promise<string> {
  const parents = commit.parents.flatMap((parent) => ['-p', parent]);
  const stdout = await runGit(['commit-tree', commit.tree, ...parents, '-F', '-'], {
    cwd: repository,
    input: commit.message,
    env: identity(commit.author, commit.at),
  });
  const sha = stdout.trim();
  await runGit(['update-ref', `refs/heads/${commit.branch}`, sha, commit.parent], { cwd: repository });
  return sha;
}

export function identity({ name, email }: Person, at: number): Record<string, string> {
  const date = `${Math.floor(at / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
}

/** Undefined when git says no. */
export async function runUnlessRefused(args: readonly string[], run: GitRun): Promise<string | undefined> {
  try {
    return await runGit(args, run);
  } catch (error) {
    if (error instanceof GitFailure) {
      return undefined;
    }
    throw error;
  }
}
