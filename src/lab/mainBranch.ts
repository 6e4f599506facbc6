// The GitOps repository's main branch as somebody outside meets it: over HTTP, from a mirror of one's own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tree } from '../manifests/tree';
import { ProblemError } from '../model/problem';
import { people } from './content/names';
import { GitMirror } from './controllers/gitMirror';
import { GitRemoteError, readRefs } from './controllers/gitRemote';
import { GitFailure } from './git/labGit';

export interface Main {
  readonly mirror: GitMirror;
  readonly url: string;
}

export interface Tip {
  readonly commit: string;
  readonly tree: Tree;
}

export interface FileChange {
  readonly message: string;
  /** What stands in the file, and what takes its place. */
  readonly replacements: readonly { readonly file: string; readonly from: string; readonly to: string }[];
}

const ref = 'refs/heads/main';

/** Throws ProblemError where the lab does not answer. */
export async function withMain<T>(gitPort: number, signal: AbortSignal, work: (main: Main) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'flux-promote-break-'));
  try {
    const mirror = await GitMirror.open(join(folder, 'mirror.git'));
    return await work({ mirror, url: `http://127.0.0.1:${gitPort}/flux.git` });
  } catch (error) {
    if (!(error instanceof GitRemoteError)) throw error;
    signal.throwIfAborted();
    const message = 'The practice lab does not answer. Start it with Open Practice Lab and try again.';
    throw new ProblemError({ code: 'lab-missing', message, cause: error.message, remedy: 'openPracticeLab' });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The newest state of main, fetched. */
export async function fetchTip({ mirror, url }: Main, signal: AbortSignal): Promise<Tip> {
  const commit = (await readRefs(url, signal)).get(ref);
  if (commit === undefined) throw cannotPlay('the branch main is gone');
  await mirror.fetch(url, ref, commit, signal);
  return { commit, tree: await mirror.tree(commit, signal) };
}

/** Pushes the change as one commit, again and again while others are faster; returns the commit. */
export async function pushChange(
  main: Main,
  { message, replacements }: FileChange,
  signal: AbortSignal,
): Promise<string> {
  const { mirror, url } = main;
  const author = people[0];
  if (author === undefined) throw new Error('the lab has no people');
  for (;;) {
    const tip = await fetchTip(main, signal);
    const files = new Map<string, string>();
    for (const { file, from, to } of replacements) {
      const text = tip.tree.read(file);
      if (text === undefined || !text.includes(from)) throw cannotPlay(`${file} does not say ${from}`);
      files.set(
        file,
        text.replace(from, () => to),
      );
    }
    const commit = await mirror.commit({ parent: tip.commit, files, message, author, at: Date.now() }, signal);
    try {
      await mirror.push(url, `${commit}:${ref}`, signal);
      return commit;
    } catch (error) {
      if (!(error instanceof GitFailure) || signal.aborted) throw error;
    }
  }
}

/** The lab is no longer as this scenario needs it. */
export function cannotPlay(why: string): ProblemError {
  const message = `This scenario cannot be played now: ${why}. Run Reset Practice Lab for a fresh start.`;
  return new ProblemError({ code: 'lab-broken', message, remedy: 'resetPracticeLab' });
}
