// Which branch Flux follows in this clone. Pure: remotes and GitRepositories in, a choice out.
import type { GitRepository } from '../model/flux';
import { branchOf, repositoryIdentity } from '../model/repositoryIdentity';

export interface NamedRemote {
  readonly name: string;
  readonly url: string;
}

export interface FollowedBranch {
  readonly remote: NamedRemote;
  /** Without `refs/heads/`. */
  readonly branch: string;
}

/** The first remote and branch that a GitRepository names; those that a controller has reported ready come first. */
export function followedBranch(
  remotes: readonly NamedRemote[],
  repositories: readonly GitRepository[],
): FollowedBranch | undefined {
  const ready = (repository: GitRepository): number => (repository.artifact === undefined ? 1 : 0);
  for (const repository of [...repositories].sort((a, b) => ready(a) - ready(b))) {
    const branch = branchOf(repository);
    const identity = repositoryIdentity(repository.url);
    const remote = remotes.find(({ url }) => repositoryIdentity(url) === identity);
    if (branch !== undefined && remote !== undefined) return { remote, branch };
  }
  return undefined;
}
