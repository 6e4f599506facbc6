// The lab's API for suites that look into its store or make trouble in its server, which a test's end stops.
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../../src/lab/cluster/server';
import type { Store } from '../../../src/lab/cluster/store';
import { storeWithNamespace } from './objects';
import { type Wire, wireTo } from './wire';

export const tokens = { admin: 'token-of-admin', viewer: 'token-of-viewer' };

export interface Api extends Wire {
  readonly server: ApiServer;
  readonly store: Store;
}

export async function withApi(
  run: (api: Api) => Promise<void>,
  options: Partial<ApiServerOptions> = {},
): Promise<void> {
  const store = options.store ?? storeWithNamespace();
  const server = await startApiServer({ port: 0, tokens, ...options, store });
  try {
    await run({ ...wireTo(server, tokens.admin), server, store });
  } finally {
    await server.stop();
  }
}
