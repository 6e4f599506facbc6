// The figure of an idle window: with no visible view nothing runs more often than every 30 seconds.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { KubeWatcher, ListPage, WatchEvent } from '../../../src/base/kubernetes/client';
import { ClusterError } from '../../../src/base/kubernetes/clusterProblem';
import { silentLogger } from '../../../src/base/logger';
import type { RegistryClient } from '../../../src/base/registry/client';
import { ProblemError } from '../../../src/model/problem';
import { defaultSettings } from '../../../src/model/settings';
import { ClusterSource } from '../../../src/sources/cluster';
import { Observer } from '../../../src/sources/observer';
import { FakeClock, settled } from '../base/fakeClock';

const unreachable = new ClusterError({ code: 'cluster-unreachable', message: 'reset' });

const watchedKinds = 8;
const lingerMs = 60_000;

/** Serves every kind; its lists answer or fail, its watches stay open and say nothing. */
function clusterThat(list: () => Promise<ListPage>): KubeWatcher & { readonly requests: () => number } {
  let requests = 0;
  const kinds = ['GitRepository', 'Kustomization', 'ImageRepository', 'ImagePolicy', 'ImageUpdateAutomation'];
  const workloads = ['Deployment', 'ReplicaSet', 'Pod'];
  return {
    context: 'prod',
    requests: () => requests,
    servedVersions: async () => ['v1'],
    servedResources: async (group, version) =>
      [...kinds, ...workloads].map((kind) => ({
        group,
        version,
        kind,
        plural: `${kind.toLowerCase()}s`,
        isNamespaced: true,
      })),
    list: async () => {
      requests += 1;
      return await list();
    },
    watch: async (_resource, _start, signal) => {
      requests += 1;
      return (async function* (): AsyncGenerator<WatchEvent> {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        yield* [];
      })();
    },
  };
}

const silentRegistry: RegistryClient = {
  tags: async () => [],
  digest: async () => 'sha256:1',
  labels: async () => ({}),
  manifest: async () => Promise.reject(new ProblemError({ code: 'registry-not-found', message: 'none' })),
};

function begin(list: () => Promise<ListPage>) {
  const clock = new FakeClock();
  const reader = clusterThat(list);
  const observer = new Observer({
    repositories: [],
    scope: { settings: defaultSettings, contexts: new Map([['production', 'prod']]) },
    watchCluster: (_context, onChange) => new ClusterSource({ reader, onChange, clock, logger: silentLogger }),
    registry: silentRegistry,
    forge: () => undefined,
    clock,
    logger: silentLogger,
  });
  return { clock, reader, observer };
}

describe('an idle window', () => {
  const clusters: readonly (readonly [string, () => Promise<ListPage>, number])[] = [
    // Its watches live on for a minute; one that ends meanwhile is begun again.
    ['answers', async () => ({ items: [], resourceVersion: '1' }), 2 * watchedKinds],
    ['does not answer', async () => Promise.reject(unreachable), 0],
  ];
  for (const [name, list, requestsWhileLingering] of clusters) {
    it(`rests when the cluster ${name}`, async () => {
      const { clock, reader, observer } = begin(list);
      const look = observer.interest();
      await clock.advance(300_000);
      assert.ok(reader.requests() > 0);
      look.dispose();
      await settled();
      const before = reader.requests();
      await clock.advance(lingerMs);
      assert.ok(reader.requests() - before <= requestsWhileLingering, `${reader.requests() - before} requests`);
      assert.equal(clock.waiting, 0);
      const requests = reader.requests();
      await clock.advance(3_600_000);
      assert.equal(clock.waiting, 0);
      assert.equal(reader.requests(), requests);
      observer.dispose();
    });
  }
});
