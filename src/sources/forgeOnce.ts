// What a service's own repository shows on its forge, asked once: for whoever does not stay to follow its runs.
import type { Clock } from '../base/clock';
import { openForge } from '../base/forge/openForge';
import type { Fetch } from '../base/http';
import { silentLogger } from '../base/logger';
import type { RegistryClient } from '../base/registry/client';
import { parseDocuments } from '../manifests/documents';
import type { ForgeFacts } from '../model/facts';
import { notReadYet } from '../model/problem';
import { type Reading, unknown } from '../model/reading';
import { defaultSettings, forgeKindOf } from '../model/settings';
import { type ForgeImage, ForgeSource } from './forge';
import { apiOf, forgeHost } from './serviceRepository';

export interface ForgeReach {
  readonly fetch: Fetch;
  readonly registry: Pick<RegistryClient, 'labels'>;
  readonly clock: Clock;
  /** For the forge with this host; undefined where nobody has one. */
  readonly token: (host: string) => string | undefined;
}

/**
 * Workflows and runs of the repository that the image was built in, by the forge's API. An image that names another forge as its
 * source is unknown: neither a request nor the token goes to a host that nobody has named. Rejects only when cancelled.
 */
export async function readForgeOnce(
  { fetch, registry, clock, token }: ForgeReach,
  one: ForgeImage,
  api: string,
  signal: AbortSignal,
): Promise<Reading<ForgeFacts>> {
  const settings = { ...defaultSettings, forges: [{ api, kind: forgeKindOf(api) }] };
  const logger = silentLogger;
  const source = new ForgeSource({
    forge: (host) => {
      const found = apiOf(host, settings.forges);
      const name = forgeHost(api);
      if (found === undefined || name === undefined || forgeHost(found.api) !== name) return undefined;
      const login = () => Promise.resolve(token(name));
      const access = { fetch, clock, logger, apiUrl: found.api, token: login };
      return openForge(found.kind, access, (text) => parseDocuments('', text).documents[0]?.value);
    },
    registry,
    clock,
    logger,
    onChange: () => {},
  });
  await source.read([one], settings, signal);
  return source.forges.get(one.image) ?? unknown(notReadYet);
}
