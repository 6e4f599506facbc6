// Which branch Flux follows in this clone. Pure: remotes and GitRepositories in, a choice out.
import type { GitRepository } from '../model/flux';

export interface NamedRemote {
  readonly name: string;
  readonly url: string;
}

export interface FollowedBranch {
  readonly remote: NamedRemote;
  /** Without `refs/heads/`. */
  readonly branch: string;
}

/** `host/path` of an address in any of Git's forms; ports, users, schemes and `.git` say nothing about which repository it is. */
export function repositoryIdentity(url: string): string {
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)(.+)$/.exec(url);
  const full = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^:/]*)(?::\d+)?\/*(.*)$/i.exec(url);
  const [, host = '', path = url] = full ?? scp ?? [];
  return `${host.toLowerCase()}/${path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')}`;
}

/**
 * The branch of a GitRepository's `spec.ref`; `master` when there is no ref at all (the CRD's default), undefined where it
 * follows a tag, a range or a commit. Precedence as in source-controller: commit, name, semver, tag, branch.
 */
export function branchOf({ ref }: Pick<GitRepository, 'ref'>): string | undefined {
  if (ref.commit !== undefined && ref.branch !== undefined) return ref.branch;
  if (ref.commit !== undefined) return undefined;
  if (ref.name !== undefined) return /^refs\/heads\/(.+)$/.exec(ref.name)?.[1];
  if (ref.semver !== undefined || ref.tag !== undefined) return undefined;
  return ref.branch ?? 'master';
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
