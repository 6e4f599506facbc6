// The lab's own cluster, controllers, registry and Git server, in this process and for one world alone.
import { join } from 'node:path';
import { Store } from '../../../src/lab/cluster/store';
import { type ControllerConstants, realConstants } from '../../../src/lab/controllers/constants';
import { startControllers } from '../../../src/lab/controllers/controllers';
import { Workloads } from '../../../src/lab/controllers/workloads';
import { makeBareRepository } from '../../../src/lab/git/bareRepository';
import { startGitServer } from '../../../src/lab/git/gitServer';
import { resolveImage } from '../../../src/lab/imagePull';
import { startRegistry } from '../../../src/lab/registry/registry';
import type { WorldCluster } from './world';

export const testConstants: ControllerConstants = {
  ...realConstants,
  retryMinMs: 100,
  healthPollMs: 100,
  leastTimeoutMs: 1000,
  requeueDependencyMs: 500,
};

export async function startLabCluster(
  folder: string,
  constants: Partial<ControllerConstants> = {},
): Promise<WorldCluster> {
  const registry = await startRegistry({ folder: join(folder, 'registry'), port: 0 });
  const repository = join(folder, 'git', 'flux.git');
  await makeBareRepository(repository);
  const git = await startGitServer({ root: join(folder, 'git'), port: 0 });
  const store = new Store();
  const bugs: unknown[] = [];
  const ends: (() => void | Promise<void>)[] = [];
  return {
    registryHost: registry.host,
    imageName: 'acme/backend',
    repository,
    gitUrl: git.url('flux'),
    pace: { source: '300ms', scan: '300ms', automation: '500ms', retry: '1s', timeout: '3s' },
    rename: { out: (text) => text, back: (text) => text },
    bugs,
    get: (kind, name = 'backend', namespace = 'production') => store.get({ kind, name, namespace }),
    watch: (kind, listener) => store.watch(kind, ({ object }) => listener(object)),
    patch: async (ref, patch, fieldManager) => void store.patch(ref, patch, { fieldManager }),
    create: async (object) => void store.create(object, { fieldManager: 'flux' }),
    begin: async () => {
      const workloads = new Workloads(store, { resolveImage, stepMs: 5 });
      ends.push(() => workloads.dispose());
      const controllers = await startControllers({
        store,
        cache: join(folder, 'cache'),
        constants: { ...testConstants, ...constants },
        onBug: (error) => bugs.push(error),
      });
      ends.push(() => controllers.stop());
    },
    stop: async () => {
      for (const end of ends.toReversed()) await end();
      await Promise.all([git.stop(), registry.stop()]);
    },
  };
}
