// The extension's own client on the lab's API: back after each kind of trouble.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Fault } from '../../../src/lab/cluster/faults';
import type { Store } from '../../../src/lab/cluster/store';
import { hurried } from '../hurried';
import { withApi } from './client';
import { by, deployment } from './objects';
import { withReflector } from './ownReflector';

function create(store: Store, name: string): void {
  store.create(deployment(name), by('test'));
}

describe('our own client in trouble', () => {
  it('comes back when connections are reset and the history is gone', () =>
    withApi(async (api) => {
      create(api.store, 'a');
      await withReflector(api.server.kubeconfig('lab'), hurried, async ({ knows }) => {
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
          await withReflector(api.server.kubeconfig('lab'), hurried, async ({ knows }) => {
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
