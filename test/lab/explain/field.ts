// A world in which many deliveries stand side by side, each in a namespace and a repository of its own: the practice lab's
// parts, or a real control plane. Both are asked over their API alone.
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock';
import { type KubeReader, kubeReader } from '../../../src/base/kubernetes/client';
import { connectCluster } from '../../../src/base/kubernetes/connection';
import { startApiServer } from '../../../src/lab/cluster/server';
import { Store } from '../../../src/lab/cluster/store';
import { startControllers } from '../../../src/lab/controllers/controllers';
import { Workloads } from '../../../src/lab/controllers/workloads';
import type { Fault as ServerFault } from '../../../src/lab/fault';
import { startGitServer } from '../../../src/lab/git/gitServer';
import { resolveImage } from '../../../src/lab/imagePull';
import { startRegistry } from '../../../src/lab/registry/registry';
import type { ClusterFacts } from '../../../src/model/facts';
import { readClusterOnce } from '../../../src/sources/clusterOnce';
import { type Access, type KubeApi, kubeApi } from '../../live/stack/kubeApi';
import { testConstants } from '../controllers/labCluster';
import { makeTemporaryFolder, removeTemporaryFolder } from '../temporaryFolder';

export interface Field {
  readonly api: KubeApi;
  readonly registry: { readonly host: string; readonly url: string };
  readonly git: { readonly baseUrl: string; readonly root: string };
  /** No older than a few hundred milliseconds, whoever asks. */
  cluster(): Promise<ClusterFacts>;
  /** Lets the registry answer this for the tags of an image, by its path: `acme/backend`. The lab's alone. */
  failTags(path: string, fault: ServerFault): void;
  close(): Promise<void>;
}

const snapshotMs = 400;

export async function openLabField(): Promise<Field> {
  const folder = await makeTemporaryFolder();
  const faults = new Map<string, ServerFault>();
  const registry = await startRegistry({
    folder: join(folder, 'registry'),
    port: 0,
    fault: ({ path }) => faults.get(/^\/v2\/(.+)\/tags\/list/.exec(path)?.[1] ?? ''),
  });
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
  const seen = snapshots(access);
  return {
    api: kubeApi(access),
    registry: { host: registry.host, url: `http://${registry.host}` },
    git: { baseUrl: git.baseUrl, root },
    cluster: seen.read,
    failTags: (path, fault) => void faults.set(path, fault),
    close: async () => {
      seen.dispose();
      await controllers.stop();
      workloads.dispose();
      await Promise.all([server.stop(), git.stop(), registry.stop()]);
      await removeTemporaryFolder(folder);
      if (bugs.length > 0) throw new AggregateError(bugs, 'the controllers threw what they should have handled');
    },
  };
}

/** What one context shows; many who ask at once are answered once. */
export function snapshots({ server, certificate, token }: Access) {
  const connection = connectCluster({
    context: 'field',
    server,
    sign: () => Promise.resolve({ ca: certificate, headers: { authorization: `Bearer ${token ?? ''}` } }),
    renew: () => false,
  });
  const reader: KubeReader = kubeReader(connection);
  let last: { readonly at: number; readonly facts: Promise<ClusterFacts> } | undefined;
  return {
    read: async (): Promise<ClusterFacts> => {
      if (last === undefined || Date.now() - last.at > snapshotMs) {
        last = { at: Date.now(), facts: readClusterOnce(reader, systemClock, AbortSignal.timeout(30_000)) };
      }
      return await last.facts;
    },
    dispose: () => connection.dispose(),
  };
}
