// What a clone has of its own beside the branch that Flux follows: commits by plumbing, edits as VS Code's Git sees them.
import type { GitReader } from '../base/git/reader';
import type { OwnChanges } from '../changes/promotion/cloneLine';
import type { RepositoryFacts } from '../model/facts';
import { optional } from '../model/optional';
import { ProblemError } from '../model/problem';
import { valueOf } from '../model/reading';

export interface OwnClone {
  readonly reader: Pick<GitReader, 'commitsSince' | 'changedFiles' | 'mergeBase'>;
  /** Files that were edited and not committed; undefined where VS Code's Git does not know the clone. */
  readonly edited: () => Promise<readonly string[] | undefined>;
}

/** Of more unpushed commits than these the oldest are not looked into. */
const mostCommits = 50;

/** Undefined where the clone cannot tell. */
export async function readOwnChanges(
  { content }: RepositoryFacts,
  { reader, edited }: OwnClone,
  signal: AbortSignal,
): Promise<OwnChanges | undefined> {
  const followed = valueOf(content);
  if (followed === undefined) return undefined;
  try {
    const uncommitted = await edited();
    if (uncommitted === undefined) return undefined;
    const { hash } = followed.commit;
    const own = (await reader.commitsSince(hash, 'HEAD', signal)).slice(0, mostCommits);
    const files = await Promise.all(own.map((commit) => reader.changedFiles(commit.hash, signal)));
    const base = await reader.mergeBase(hash, 'HEAD', signal);
    const behind = base === undefined ? -1 : followed.recent.indexOf(base);
    return { uncommitted, unpushed: files.flat(), ...optional('behind', behind < 0 ? undefined : behind) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return undefined;
  }
}
