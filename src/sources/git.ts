// What the clone says about the branch that Flux follows: read from its remote-tracking reference, never the work tree.
// Tags first, their histories afterwards. One reading per commit; the same commit is not read twice.

import type { Clock } from '../base/clock';
import type { GitReader } from '../base/git/reader';
import type { Remote } from '../base/git/records';
import type { Logger } from '../base/logger';
import type { Tree } from '../manifests/tree';
import type { RepositoryContent, RepositoryFacts } from '../model/facts';
import type { GitRepository } from '../model/flux';
import type { RepositoryManifests } from '../model/manifest';
import { type Problem, ProblemError } from '../model/problem';
import { failed, known, unknown } from '../model/reading';
import { defaultBranch } from './defaultBranch';
import { type FollowedBranch, followedBranch } from './followedBranch';
import { extendHistories } from './histories';
import { readTree } from './repositoryTree';

export interface GitSource {
  /** In a folder of the clone; only its top level is used. */
  readonly folder: string;
  readonly reader: (folder: string) => GitReader;
  readonly readManifests: (tree: Tree) => RepositoryManifests;
  /** The editor's fetch, which knows the user's credentials; Git's own without it. */
  readonly fetch?: (folder: string, remote: string, branch: string, signal: AbortSignal) => Promise<void>;
  /** The lines of a commit's files that hold something: who wrote them is then looked up. */
  readonly heldLines?: (content: RepositoryContent) => readonly { readonly file: string; readonly line: number }[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Enough for what a cluster may still run after weeks of write-backs. */
const recentCommits = 1_000;

const noRemote: Remote = { name: '', url: '' };

/**
 * Reads the followed branch. `declared` are the GitRepositories that clusters know; the repository's own are added.
 * Trouble becomes a reading; only cancellation rejects.
 */
export async function readRepository(
  source: GitSource,
  declared: readonly GitRepository[],
  previous: RepositoryFacts | undefined,
  signal: AbortSignal,
): Promise<RepositoryFacts> {
  let { folder } = source;
  let branch: FollowedBranch | undefined;
  try {
    const near = source.reader(source.folder);
    const [top, remotes, isShallow] = await Promise.all([
      near.topLevel(signal),
      near.remotes(signal),
      near.isShallow(signal),
    ]);
    folder = top;
    const reader = source.reader(folder);
    const [first, ...others] = remotes;
    if (first === undefined) throw new ProblemError(withoutRemote(folder));
    const earlier = previous?.content.state === 'unknown' ? undefined : previous?.content.value;
    const own = earlier === undefined ? [] : gitRepositoriesOf(earlier.manifests);
    branch =
      followedBranch(remotes, [...declared, ...own]) ?? (await defaultBranch(reader, [first, ...others], signal));
    let content = await readContent(source, reader, branch, earlier, signal);
    // The first reading may show that the repository itself names another branch.
    const named = followedBranch(remotes, [...declared, ...gitRepositoriesOf(content.manifests)]);
    if (named !== undefined && (named.branch !== branch.branch || named.remote.name !== branch.remote.name)) {
      branch = named;
      content = await readContent(source, reader, branch, earlier, signal);
    }
    const at = source.clock.now();
    const histories =
      previous && earlier ? await extendHistories(reader, previous, earlier, content, at, signal) : new Map();
    return { folder, ...branch, content: known(content, at), histories, isShallow };
  } catch (error) {
    if (signal.aborted || !(error instanceof ProblemError)) throw error;
    source.logger.warn(`${folder}: ${error.problem.message} ${error.problem.cause ?? ''}`);
    return withProblem(folder, branch, previous, error.problem);
  }
}

/** The commit and manifests of any reference; what the command line reads with `--ref`. */
export async function readReference(
  source: GitSource,
  ref: string,
  signal: AbortSignal,
): Promise<RepositoryContent & { readonly folder: string }> {
  const folder = await source.reader(source.folder).topLevel(signal);
  const reader = source.reader(folder);
  return { folder, ...(await contentOf(source, reader, ref, undefined, signal)) };
}

/** Brings the followed branch up to date; the problem where that fails. */
export async function fetchRepository(
  source: GitSource,
  { folder, remote, branch }: RepositoryFacts,
  signal: AbortSignal,
): Promise<Problem | undefined> {
  if (remote.name === '') return undefined;
  try {
    if (source.fetch === undefined) await source.reader(folder).fetch(remote.name, branch, signal);
    else await source.fetch(folder, remote.name, branch, signal);
    return undefined;
  } catch (error) {
    if (signal.aborted || !(error instanceof ProblemError)) throw error;
    return error.problem;
  }
}

async function readContent(
  source: GitSource,
  reader: GitReader,
  { remote, branch }: FollowedBranch,
  earlier: RepositoryContent | undefined,
  signal: AbortSignal,
): Promise<RepositoryContent> {
  return await contentOf(source, reader, `refs/remotes/${remote.name}/${branch}`, earlier, signal);
}

async function contentOf(
  source: GitSource,
  reader: GitReader,
  ref: string,
  earlier: RepositoryContent | undefined,
  signal: AbortSignal,
): Promise<RepositoryContent> {
  const commit = await reader.commit(ref, signal);
  if (earlier?.commit.hash === commit.hash) return earlier;
  const [{ tree, files, problems }, recent] = await Promise.all([
    readTree(reader, commit.hash, signal),
    reader.recentHashes(commit.hash, recentCommits, signal),
  ]);
  const read = source.readManifests(tree);
  const manifests = { ...read, problems: [...read.problems, ...problems] };
  for (const { message, cause } of manifests.problems) source.logger.info(`${message} ${cause ?? ''}`.trimEnd());
  return { commit, recent, files, manifests };
}

function withoutRemote(folder: string): Problem {
  return {
    code: 'git-no-remote',
    message: `${folder} has no remote, so there is no branch that Flux could follow. Add the GitOps repository's remote (git remote add origin …), then refresh.`,
  };
}

function withProblem(
  folder: string,
  branch: FollowedBranch | undefined,
  previous: RepositoryFacts | undefined,
  problem: Problem,
): RepositoryFacts {
  if (previous !== undefined) return { ...previous, content: failed(previous.content, problem) };
  const place = branch ?? { remote: noRemote, branch: '' };
  return { folder, ...place, content: unknown(problem), histories: new Map(), isShallow: false };
}

function gitRepositoriesOf(manifests: RepositoryManifests): readonly GitRepository[] {
  return manifests.objects.flatMap(({ object }) => (object.kind === 'GitRepository' ? [object] : []));
}
