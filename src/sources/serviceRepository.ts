// Where a service's own source repository is: by setting, by its image's label, by its image's path. Pure.
import type { ForgeRepository } from '../base/forge/github';
import type { ForgeSetting } from '../model/settings';

export interface ServiceRepository extends ForgeRepository {
  /** The forge's host: `github.com`. */
  readonly host: string;
}

/** An address of a repository's page or clone, as `org.opencontainers.image.source` has it. */
export function parseRepositoryUrl(url: string): ServiceRepository | undefined {
  const match = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/]*@)?([^/:]+(?::\d+)?)[/:]([^/]+)\/([^/#?]+)/i.exec(url);
  const [, host, owner, repository] = match ?? [];
  if (host === undefined || owner === undefined || repository === undefined) return undefined;
  return { host: host.toLowerCase(), owner, repository: repository.replace(/\.git$/, '') };
}

/** GitHub's registry names packages after their owner, and by custom after their repository. */
export function repositoryOfImage(image: string): ServiceRepository | undefined {
  const [, owner, repository] = /^ghcr\.io\/([^/]+)\/([^/]+)/.exec(image) ?? [];
  return owner === undefined || repository === undefined ? undefined : { host: 'github.com', owner, repository };
}

/** The API of the forge with this host: GitHub's own, or a configured one on the same host, whatever its port. */
export function apiOf(host: string, forges: readonly ForgeSetting[]): string | undefined {
  const hostname = host.replace(/:\d+$/, '');
  const configured = forges.find(({ api }) => forgeHost(api) === hostname);
  if (configured !== undefined) return configured.api.replace(/\/+$/, '');
  return host === 'github.com' ? 'https://api.github.com' : undefined;
}

/** `https://api.github.com` serves github.com; an Enterprise Server's API lies on its own host. */
export function forgeHost(api: string): string | undefined {
  return URL.canParse(api) ? new URL(api).hostname.replace(/^api\.github\.com$/, 'github.com') : undefined;
}
