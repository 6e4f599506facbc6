// The branch that is taken for the followed one where no GitRepository names it.
import type { GitReader } from '../base/git/reader';
import type { Remote } from '../base/git/records';
import { type Problem, ProblemError } from '../model/problem';
import type { FollowedBranch } from './followedBranch';

/**
 * The upstream of HEAD, else what the remote calls its default, else HEAD's own name, `main`, `master` or the only branch
 * there. Takes at least one remote; rejects with `git-detached`, `git-unborn` or `git-ref-missing` when nothing fits.
 */
export async function defaultBranch(
  reader: GitReader,
  remotes: readonly [Remote, ...Remote[]],
  signal: AbortSignal,
): Promise<FollowedBranch> {
  const upstream = await reader.upstream(signal);
  for (const remote of remotes) {
    const prefix = `refs/remotes/${remote.name}/`;
    if (upstream?.startsWith(prefix) === true) return { remote, branch: upstream.slice(prefix.length) };
  }
  const remote = remotes.find(({ name }) => name === 'origin') ?? remotes[0];
  const prefix = `refs/remotes/${remote.name}/`;
  const named = await reader.symbolicRef(`${prefix}HEAD`, signal);
  if (named !== undefined) return { remote, branch: named.slice(prefix.length) };
  const branches = await reader.remoteBranches(remote.name, signal);
  const head = await reader.head(signal);
  const own = head.state === 'detached' ? undefined : head.branch;
  const branch = [own, 'main', 'master'].find((name) => name !== undefined && branches.includes(name));
  if (branch !== undefined) return { remote, branch };
  const [only] = branches;
  if (only !== undefined && branches.length === 1) return { remote, branch: only };
  throw new ProblemError(undecided(head.state, remote.name));
}

function undecided(head: 'branch' | 'unborn' | 'detached', remote: string): Problem {
  const next = `Run git remote set-head ${remote} --auto, then refresh.`;
  if (head === 'detached') {
    const message = `The clone is on no branch and ${remote} names no default branch, so it is unknown which branch Flux follows. ${next}`;
    return { code: 'git-detached', message };
  }
  if (head === 'unborn') {
    const message = `The clone has no commit yet and ${remote} has nothing to show. Push a first commit, or run git fetch ${remote}, then refresh.`;
    return { code: 'git-unborn', message };
  }
  const message = `It is unknown which branch of ${remote} Flux follows: HEAD has no upstream and ${remote} no default branch. ${next}`;
  return { code: 'git-ref-missing', message };
}
