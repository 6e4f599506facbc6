// The extension's own client against the lab's API: through the kubeconfig it writes, and back after each kind of trouble.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { Clock } from '../../../src/base/clock';
import { asObject, asString } from '../../../src/base/json';
import { kubeReader } from '../../../src/base/kubernetes/client';
import { connectCluster } from '../../../src/base/kubernetes/connection';
import { loadKubeconfig } from '../../../src/base/kubernetes/kubeconfig';
import { Reflector } from '../../../src/base/kubernetes/reflector';
import { silentLogger } from '../../../src/base/logger';
import type { Fault } from '../../../src/lab/cluster/faults';
import type { Store } from '../../../src/lab/cluster/store';
import { type Api, withApi } from './client';
import { by, deployment } from './objects';

/** Real sockets and real time, except that long waits pass a hundred times faster. */
const hurried: Clock = {
  now: () => Date.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms / 100);
    return { dispose: () => clearTimeout(timer) };
  },
  random: () => 0.5,
};

interface Seen {
  /** Resolves when the reflector knows exactly these names, whatever trouble it is in. */
  readonly knows: (...names: readonly string[]) => Promise<void>;
}

async function withReflector(api: Api, run: (seen: Seen) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-client-'));
  const path = join(folder, 'config');
  await writeFile(path, api.server.kubeconfig('lab'));
  const connection = connectCluster(loadKubeconfig({ path, environment: {} }).access('lab'));
  const waiting = new Set<() => void>();
  const reflector: Reflector<string> = new Reflector({
    reader: kubeReader(connection),
    resource: { group: 'apps', version: 'v1', plural: 'deployments' },
    decode: (object) => asString(asObject(object['metadata'])?.['name']),
    onChange: () => {
      for (const check of waiting) check();
    },
    clock: hurried,
    logger: silentLogger,
  });
  try {
    reflector.start();
    await run({
      knows: (...names) =>
        new Promise((resolve) => {
          const check = (): void => {
            const { reading } = reflector;
            if (reading.state === 'unknown' || new Set(reading.value).size !== names.length) return;
            if (!names.every((name) => reading.value.includes(name))) return;
            waiting.delete(check);
            resolve();
          };
          waiting.add(check);
          check();
        }),
    });
  } finally {
    reflector.dispose();
    connection.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

function create(store: Store, name: string): void {
  store.create(deployment(name), by('test'));
}

describe('lab cluster: our own client', () => {
  it('lists and follows', () =>
    withApi(async (api) => {
      create(api.store, 'a');
      await withReflector(api, async ({ knows }) => {
        await knows('a');
        create(api.store, 'b');
        await knows('a', 'b');
        api.store.delete({ kind: 'Deployment', namespace: 'production', name: 'a' });
        await knows('b');
      });
    }));

  it('comes back when connections are reset and the history is gone', () =>
    withApi(async (api) => {
      create(api.store, 'a');
      await withReflector(api, async ({ knows }) => {
        await knows('a');
        api.server.dropConnections();
        create(api.store, 'b');
        api.store.compact();
        await knows('a', 'b');
      });
    }));

  const faults: readonly (readonly [verb: string, fault: Fault])[] = [
    ['list', { type: 'close' }],
    ['list', { type: 'status', code: 500 }],
    ['list', { type: 'status', code: 403 }],
    ['list', { type: 'status', code: 429, retryAfterSeconds: 1 }],
    ['list', { type: 'garbage' }],
    ['list', { type: 'truncated' }],
    ['watch', { type: 'close' }],
    ['watch', { type: 'status', code: 410 }],
    ['watch', { type: 'status', code: 500 }],
    ['watch', { type: 'garbage' }],
  ];
  for (const [verb, fault] of faults) {
    it(`comes back after ${JSON.stringify(fault)} on ${verb}`, () => {
      let left = 2;
      const faultOf = (asked: string | undefined): Fault | undefined => {
        if (asked !== verb || left === 0) return undefined;
        left -= 1;
        return fault;
      };
      return withApi(
        async (api) => {
          create(api.store, 'a');
          await withReflector(api, async ({ knows }) => {
            await knows('a');
            create(api.store, 'b');
            await knows('a', 'b');
            create(api.store, 'c');
            await knows('a', 'b', 'c');
            assert.equal(left, 0);
          });
        },
        { faults: ({ verb }) => faultOf(verb) },
      );
    });
  }
});
