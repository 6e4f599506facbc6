// The lab's API with a large fleet, in a process of its own, as the extension starts it. Driven by `clusterTarget.ts`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../../src/lab/cluster/json';
import { type KubeObject, refOf } from '../../src/lab/cluster/object';
import { startApiServer } from '../../src/lab/cluster/server';
import { Store } from '../../src/lab/cluster/store';
import type { Access } from '../live/stack/kubeApi';
import { describeObjects, largeFleet } from '../live/stack/seedFleet';

const [, , folder = ''] = process.argv;
const tokens = { admin: 'bench', viewer: 'bench-viewer' };
const write = { fieldManager: 'bench' };
const store = new Store();

function seed(object: KubeObject): void {
  store.create(object, write);
  const live = store.get(refOf(object));
  // A status is not taken at birth.
  if (live !== undefined && isObject(object['status']))
    store.updateStatus({ ...live, status: object['status'] }, write);
}

async function serve(port: number): Promise<void> {
  const server = await startApiServer({ store, port, tokens });
  writeFileSync(join(folder, 'kubeconfig'), server.kubeconfig('lab'));
  const access: Access = { server: server.url, certificate: server.certificate, token: tokens.admin };
  process.once('message', () => {
    void server.stop().then(() => serve(server.port));
  });
  process.send?.(access);
}

for (const object of describeObjects(largeFleet)) seed(object as KubeObject);
void serve(0);
