// The extension's own client on an API server, through the kubeconfig that it hands out.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { systemClock } from '../../../src/base/clock';
import { kubeReader } from '../../../src/base/kubernetes/client';
import { connectCluster } from '../../../src/base/kubernetes/connection';
import { loadKubeconfig } from '../../../src/base/kubernetes/kubeconfig';
import { Lifetime } from '../../../src/base/lifetime';
import { silentLogger } from '../../../src/base/logger';
import { valueOf } from '../../../src/model/reading';
import { ClusterSource } from '../../../src/sources/cluster';
import { removeFolder, temporaryFolder, write } from '../gitFixture';
import { until } from '../until';
import { eitherApi } from './eitherApi';
import { deployment, imagePolicy } from './objects';
import { withReflector } from './ownReflector';

const ref = (name: string) => ({ kind: 'Deployment', namespace: 'production', name });
const deadline = (what: string) => ({ timeoutMs: 20_000, what });

describe('our own client', function () {
  // Real sockets and real programs, on a machine that may be busy.
  this.timeout(60_000);
  const run = eitherApi();

  it('lists and follows', () =>
    run(async ({ server, create, remove }) => {
      await create(deployment('a'), 'test');
      await withReflector(server.kubeconfig('lab'), systemClock, async ({ knows }) => {
        await knows('a');
        await create(deployment('b'), 'test');
        await knows('a', 'b');
        await remove(ref('a'));
        await knows('b');
      });
    }));

  it('sees every kind in its served version as a viewer, and changes as they come', () =>
    run(async ({ server, create, patch }) => {
      await create(deployment(), 'test');
      await create(imagePolicy(), 'test');
      const folder = temporaryFolder();
      const life = new Lifetime();
      try {
        write(folder, { config: server.kubeconfig('lab', 'viewer') });
        const access = loadKubeconfig({ path: `${folder}/config`, environment: {} }).access('lab');
        const reader = kubeReader(life.add(connectCluster(access)));
        const given = { reader, onChange: () => undefined, clock: systemClock, logger: silentLogger };
        const source = life.add(new ClusterSource(given));
        await source.refresh();
        const { context: _context, gaps: _gaps, ...kinds } = source.facts;
        assert.deepEqual(new Set(Object.values(kinds).map(({ state }) => state)), new Set(['known']));
        const image = () => valueOf(source.facts.deployments)?.[0]?.containers[0]?.image;
        assert.equal(image(), 'registry/backend:v1');
        assert.equal(valueOf(source.facts.imagePolicies)?.[0]?.spec.filterTags?.pattern, '^v');
        const containers = [{ name: 'app', image: 'registry/backend:v2' }];
        const body = { spec: { template: { spec: { containers } } } };
        await patch(ref('backend'), { type: 'strategic', body }, { fieldManager: 'test' });
        await until(() => image() === 'registry/backend:v2', deadline('the new image'));
      } finally {
        life.dispose();
        removeFolder(folder);
      }
    }));
});
