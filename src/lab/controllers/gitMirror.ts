// A bare repository into which the controllers fetch what they look at, and in which they make their commits. No work tree.
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { type Tree, treeOf } from '../../manifests/tree';
import { GitFailure, runGit, runGitForBytes } from '../git/labGit';
import { GitRemoteError } from './gitRemote';

export interface NewCommit {
  readonly parent: string;
  /** Path from the repository's root to the new content. */
  readonly files: ReadonlyMap<string, string>;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The commit packed up, as an artifact describes itself. */
export interface Archive {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

const fileLimit = 4 * 1024 * 1024;

export class GitMirror {
  readonly #folder: string;
  readonly #known = new Set<string>();
  #fetching: Promise<void> = Promise.resolve();
  #last: { readonly commit: string; readonly tree: Promise<Tree> } | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<GitMirror> {
    await mkdir(folder, { recursive: true });
    await runGit(['init', '--quiet', '--bare', folder]);
    return new GitMirror(folder);
  }

  /** Takes the commit that `ref` names on the remote, unless it is here. One fetch at a time. Throws GitRemoteError. */
  async fetch(url: string, ref: string, commit: string, signal: AbortSignal): Promise<void> {
    const turn = this.#fetching.then(() => this.#fetchOnce(url, ref, commit, signal));
    this.#fetching = turn.catch(() => undefined);
    await turn;
  }

  async #fetchOnce(url: string, ref: string, commit: string, signal: AbortSignal): Promise<void> {
    if (this.#known.has(commit)) return;
    // A reference of our own keeps the commits from being collected as garbage.
    const own = `+${ref}:refs/mirror/${Buffer.from(url).toString('hex')}/${ref}`;
    try {
      await this.#run(
        ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', url, own],
        signal,
      );
      await this.#run(['cat-file', '-e', `${commit}^{tree}`], signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof GitFailure)) throw error;
      throw new GitRemoteError(`unable to clone '${url}': ${error.message}`, { cause: error });
    }
    this.#known.add(commit);
  }

  /** All text files of the commit. The last one is kept: several objects look at the same revision. */
  tree(commit: string, signal: AbortSignal): Promise<Tree> {
    if (this.#last?.commit === commit) return this.#last.tree;
    const tree = this.#readTree(commit, signal);
    this.#last = { commit, tree };
    tree.catch(() => {
      this.#last = undefined;
    });
    return tree;
  }

  /** The commit's subject line. */
  async subject(commit: string, signal: AbortSignal): Promise<string> {
    return (await this.#run(['log', '-1', '--format=%s', commit], signal)).trim();
  }

  /** The texts of a file in the last hundred commits that changed it, newest first. */
  async versions(commit: string, path: string, signal: AbortSignal): Promise<readonly string[]> {
    const hashes = await this.#run(['log', '-n', '100', '--diff-filter=AM', '--format=%H', commit, '--', path], signal);
    const texts: string[] = [];
    for (const hash of hashes.split('\n').filter((line) => line !== '')) {
      texts.push(await this.#run(['show', `${hash}:${path}`], signal));
    }
    return texts;
  }

  async archive(commit: string, signal: AbortSignal): Promise<Archive> {
    const bytes = await runGitForBytes(['--git-dir', this.#folder, 'archive', '--format=tar.gz', commit], { signal });
    return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, size: bytes.length };
  }

  /** Makes a commit with the files on top of `parent`; returns its hash. Nothing refers to it yet. */
  async commit({ parent, files, message, author, at }: NewCommit, signal: AbortSignal): Promise<string> {
    const index = `${this.#folder}/index.${process.hrtime.bigint()}`;
    const env = { GIT_INDEX_FILE: index };
    await this.#run(['read-tree', parent], signal, env);
    for (const [path, text] of files) {
      const blob = (await this.#run(['hash-object', '-w', '--stdin'], signal, {}, text)).trim();
      const mode = (await this.#run(['ls-files', '--stage', '--', path], signal, env)).slice(0, 6) || '100644';
      await this.#run(['update-index', '--add', '--cacheinfo', `${mode},${blob},${path}`], signal, env);
    }
    const tree = (await this.#run(['write-tree'], signal, env)).trim();
    await rm(index, { force: true });
    const date = `${Math.floor(at / 1000)} +0000`;
    const who = {
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: author.name,
      GIT_COMMITTER_EMAIL: author.email,
      GIT_COMMITTER_DATE: date,
    };
    return (await this.#run(['commit-tree', tree, '-p', parent], signal, who, message)).trim();
  }

  /** Never forced, except where the caller says so in the refspec. Throws GitFailure when the remote refuses. */
  async push(url: string, refspec: string, signal: AbortSignal): Promise<void> {
    await this.#run(['push', '--quiet', url, refspec], signal);
  }

  async #readTree(commit: string, signal: AbortSignal): Promise<Tree> {
    const listed = await this.#run(['ls-tree', '-r', '-z', '-l', '--full-tree', commit], signal);
    const entries = listed
      .split('\0')
      .map((line) => /^100\d{3} blob ([0-9a-f]+) +(\d+)\t([\s\S]+)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, blob = '', size = '', path = '']) => ({ blob, size: Number(size), path }))
      .filter(({ size }) => size <= fileLimit);
    const asked = entries.map(({ blob }) => `${blob}\n`).join('');
    const args = ['--git-dir', this.#folder, 'cat-file', '--batch'];
    const bytes = await runGitForBytes(args, { input: asked, signal });
    const files: Record<string, string> = {};
    let at = 0;
    for (const { path, size } of entries) {
      const start = bytes.indexOf(10, at) + 1;
      const content = bytes.subarray(start, start + size);
      if (!content.includes(0)) files[path] = content.toString('utf8');
      at = start + size + 1;
    }
    return treeOf(files);
  }

  #run(
    args: readonly string[],
    signal: AbortSignal,
    env: Readonly<Record<string, string>> = {},
    input: string | Uint8Array = '',
  ): Promise<string> {
    return runGit(['--git-dir', this.#folder, ...args], { signal, env, input });
  }
}
