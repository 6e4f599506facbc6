// Where a service's own source repository is: by setting, by its image's label, by its image's path. Pure.
import type { Forge, ForgeRepository } from '../base/forge/forge';
import type { ForgeSetting } from '../model/settings';

export interface ServiceRepository extends ForgeRepository {
  /** The forge's host: `github.com`. */
  readonly host: string;
}

/** A forge, and the repository on it that is meant. */
export type PlacedForge = Forge & { readonly at: ServiceRepository };

/** An address of a repository's page or clone, as `org.opencontainers.image.source` has it. */
export function parseRepositoryUrl(url: string): ServiceRepository | undefined {
  // Behind a scheme there are an owner and a repository after the host: its port is no owner.
  const match =
    /^(?:[a-z][a-z0-9+.-]*:\/\/(?=[^/]+\/[^/]+\/[^/]))?(?:[^@/]*@)?([^/:]+(?::\d+)?)[/:]([^/]+)\/([^/#?]+)/i.exec(url);
  const [, host, owner, repository] = match ?? [];
  if (host === undefined || owner === undefined || repository === undefined) return undefined;
  return { host: host.toLowerCase(), owner, repository: repository.replace(/\.git$/, '') };
}

/** GitHub's registry names packages after their owner, and by custom after their repository. */
export function repositoryOfImage(image: string): ServiceRepository | undefined {
  const [, owner, repository] = /^ghcr\.io\/([^/]+)\/([^/]+)/.exec(image) ?? [];
  return owner === undefined || repository === undefined ? undefined : { host: 'github.com', owner, repository };
}

const publicForges: Readonly<Record<string, ForgeSetting>> = {
  'github.com': { api: 'https://api.github.com', kind: 'github' },
  'gitlab.com': { api: 'https://gitlab.com/api/v4', kind: 'gitlab' },
  'codeberg.org': { api: 'https://codeberg.org/api/v1', kind: 'forgejo' },
};

/** The API of the forge with this host: a configured one on the same host, whatever its port, or a public one. */
export function apiOf(host: string, forges: readonly ForgeSetting[]): ForgeSetting | undefined {
  const hostname = host.replace(/:\d+$/, '');
  const configured = forges.find(({ api }) => forgeHost(api) === hostname);
  if (configured !== undefined) return { ...configured, api: configured.api.replace(/\/+$/, '') };
  return publicForges[host];
}

/** `https://api.github.com` serves github.com; an Enterprise Server's API lies on its own host. */
export function forgeHost(api: string): string | undefined {
  return URL.canParse(api) ? new URL(api).hostname.replace(/^api\.github\.com$/, 'github.com') : undefined;
}
