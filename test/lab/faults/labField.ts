import { join } from 'node:path';
import { startApiServer } from '../../../src/lab/cluster/server';
import { Store } from '../../../src/lab/cluster/store';
import { startControllers } from '../../../src/lab/controllers/controllers';
import { Workloads } from '../../../src/lab/controllers/workloads';
import { startGitServer } from '../../../src/lab/git/gitServer';
import { resolveImage } from '../../../src/lab/imagePull';
import { startRegistry } from '../../../src/lab/registry/registry';
import { kubeApi } from '../../live/stack/kubeApi';
import { testConstants } from '../controllers/labCluster';
import { makeTemporaryFolder, removeTemporaryFolder } from '../temporaryFolder';
import { type Field, lookAt } from './field';

const restMs = 100;

export async function openLabField(): Promise<Field> {
  const folder = await makeTemporaryFolder();
  const registry = await startRegistry({ folder: join(folder, 'registry'), port: 0 });
  const root = join(folder, 'git');
  const git = await startGitServer({ root, port: 0 });
  const store = new Store();
  const tokens = { admin: 'admin-of-the-field', viewer: 'viewer-of-the-field' };
  const server = await startApiServer({ store, port: 0, tokens });
  const workloads = new Workloads(store, { resolveImage, stepMs: 5 });
  const bugs: unknown[] = [];
  const controllers = await startControllers({
    store,
    cache: join(folder, 'cache'),
    constants: testConstants,
    onBug: (error) => bugs.push(error),
  });
  const access = { server: server.url, certificate: server.certificate, token: tokens.admin };
  const lookout = lookAt(access, restMs);
  return {
    prefix: 'f',
    api: kubeApi(access),
    registry: { host: registry.host, url: `http://${registry.host}` },
    git: { baseUrl: git.baseUrl, root },
    cluster: lookout.look,
    close: async () => {
      lookout.dispose();
      await controllers.stop();
      workloads.dispose();
      await Promise.all([server.stop(), git.stop(), registry.stop()]);
      await removeTemporaryFolder(folder);
      if (bugs.length > 0)
        throw new AggregateError(bugs, `not handled by the controllers: ${bugs.map(String).join('; ')}`);
    },
  };
}
