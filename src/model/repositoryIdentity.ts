// Which repository and branch an address and a GitRepository speak of.
import type { GitRepository } from './flux';

/**
 * `host/path` of an address in any of Git's forms; ports, users, schemes and `.git` say nothing about which repository it is,
 * and this machine is one host by all of its names.
 */
export function repositoryIdentity(url: string): string {
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)(.+)$/.exec(url);
  const full = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)(?::\d+)?\/*(.*)$/i.exec(url);
  const [, host = '', path = url] = full ?? scp ?? [];
  const name = host.toLowerCase().replace(/^(?:localhost|\[::1\])$/, '127.0.0.1');
  return `${name}/${path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')}`;
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
