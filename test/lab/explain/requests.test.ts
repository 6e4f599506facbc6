import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { systemClock } from '../../../src/base/clock';
import { kubeReader } from '../../../src/base/kubernetes/client';
import { type ClusterConnection, connectCluster } from '../../../src/base/kubernetes/connection';
import { readEvents } from '../../../src/base/kubernetes/events';
import { startApiServer } from '../../../src/lab/cluster/server';
import { Store } from '../../../src/lab/cluster/store';
import { readClusterOnce } from '../../../src/sources/clusterOnce';
import { readControllerLog } from '../../../src/sources/controllerLog';

describe('a cold explanation', () => {
  let server: Awaited<ReturnType<typeof startApiServer>>;
  const asked: string[] = [];
  let connection: ClusterConnection;

  before(async () => {
    const tokens = { admin: 'admin-token', viewer: 'viewer-token' };
    const store = new Store();
    store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } }, { fieldManager: 'test' });
    for (const number of [1, 2, 3, 4]) {
      store.create(
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: `reflector-${number}`,
            namespace: 'flux-system',
            labels: { app: 'image-reflector-controller' },
          },
          spec: { containers: [{ name: 'manager', image: 'reflector' }] },
        },
        { fieldManager: 'test' },
      );
    }
    server = await startApiServer({ store, port: 0, tokens });
    connection = connectCluster({
      context: 'lab',
      server: server.url,
      sign: () => Promise.resolve({ ca: server.certificate, headers: { authorization: `Bearer ${tokens.admin}` } }),
      renew: () => false,
    });
  });
  after(async () => {
    connection.dispose();
    await server.stop();
  });

  it('asks the cluster at most twelve times beside the lists', async () => {
    const reader = kubeReader({
      ...connection,
      send: (request, signal) => {
        asked.push(request.path);
        return connection.send(request, signal);
      },
    });
    const signal = AbortSignal.timeout(10_000);
    const facts = await readClusterOnce(reader, systemClock, signal);
    for (const [kind, reading] of Object.entries(facts)) {
      if (typeof reading !== 'string') assert.equal(reading.state, 'known', kind);
    }
    await readEvents(reader, { kind: 'ImagePolicy', namespace: 'production', name: 'backend' }, signal);
    const logs = await readControllerLog(reader, 'image-reflector-controller', signal);
    assert.deepEqual(
      logs.map(({ pod }) => pod),
      ['reflector-1', 'reflector-2', 'reflector-3'],
      'of many pods the first three',
    );
    const lists = asked.filter((path) => /\?.*limit=500/.test(path) && !path.includes('/events'));
    assert.equal(lists.length, 8);
    // A log is a stream of its own, which `send` does not see.
    const others = asked.length - lists.length + logs.length;
    assert.ok(others <= 12, `${others} beside the lists: ${asked.join(' ')}`);
  });
});
