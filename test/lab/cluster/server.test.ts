import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'mocha';
import { selfSignedCertificate } from '../../../src/lab/cluster/certificate';
import type { Fault } from '../../../src/lab/cluster/faults';
import { type Json, numberAt, textAt } from '../../../src/lab/cluster/json';
import { kindNamed } from '../../../src/lab/cluster/kinds';
import { streamWatch } from '../../../src/lab/cluster/watchStream';
import { until } from '../until';
import { withApi } from './client';
import { by, deployment, storeWithNamespace } from './objects';

const deployments = '/apis/apps/v1/namespaces/production/deployments';
const ref = (name: string) => ({ kind: 'Deployment', namespace: 'production', name });

function eventText(event: Json): string {
  const name = textAt(event, 'object', 'metadata', 'name') ?? textAt(event, 'object', 'reason') ?? '';
  return `${textAt(event, 'type') ?? ''} ${name}`.trim();
}

describe('lab cluster: server', () => {
  it('shows a certificate that vouches for loopback and nothing else', () => {
    const { certificate } = selfSignedCertificate(Date.now());
    const read = new X509Certificate(certificate);
    assert.ok(read.verify(read.publicKey));
    assert.equal(read.checkIP('127.0.0.1'), '127.0.0.1');
    assert.equal(read.checkHost('localhost'), 'localhost');
    assert.equal(read.checkHost('example.com'), undefined);
  });

  it('refuses what only a real one takes: protobuf, and changes of definitions', () =>
    withApi(async ({ ask }) => {
      const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' };
      assert.equal((await ask(deployments, { method: 'POST', body: 'k8s', headers: protobuf })).code, 415);
      const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/x';
      assert.equal((await ask(definition, { method: 'DELETE' })).code, 405);
    }));

  it('forgets its history as told: a page and a watch from before are gone, and bookmarks come as told', () =>
    withApi(
      async ({ ask, watch, store }) => {
        for (const name of ['a', 'b', 'c']) store.create(deployment(name), by('test'));
        const first = (await ask(`${deployments}?limit=2`)).json;
        const fresh = await watch(`${deployments}?watch=true&allowWatchBookmarks=true`, 4);
        assert.deepEqual(fresh.map(eventText), ['ADDED a', 'ADDED b', 'ADDED c', 'BOOKMARK']);
        assert.equal(textAt(fresh[3], 'object', 'metadata', 'resourceVersion'), store.resourceVersion);
        const since = store.resourceVersion;
        store.delete(ref('a'));
        store.compact();
        const token = textAt(first, 'metadata', 'continue') ?? '';
        const late = await ask(`${deployments}?limit=2&continue=${token}`);
        assert.deepEqual([late.code, textAt(late.json, 'reason')], [410, 'Expired']);
        const missed = await watch(`${deployments}?watch=true&resourceVersion=${since}`, 9);
        assert.deepEqual(missed.map(eventText), ['ERROR Expired']);
        assert.equal(numberAt(missed[0], 'object', 'code'), 410);
      },
      { bookmarkMs: 30 },
    ));

  it('fails as told', () => {
    const faults = new Map<string, Fault>([
      ['Pod', { type: 'status', code: 403 }],
      ['Event', { type: 'status', code: 429, retryAfterSeconds: 7 }],
      ['ConfigMap', { type: 'garbage' }],
      ['Deployment', { type: 'truncated' }],
      ['Secret', { type: 'close' }],
      ['ReplicaSet', { type: 'stall' }],
    ]);
    return withApi(
      async ({ ask, open, server }) => {
        assert.equal((await ask('/api/v1/pods')).code, 403);
        const busy = await ask('/api/v1/events');
        assert.deepEqual([busy.code, busy.headers['retry-after']], [429, '7']);
        assert.match((await ask('/api/v1/configmaps')).text, /<!doctype html>/);
        const { text } = await ask('/apis/apps/v1/deployments');
        assert.throws(() => JSON.parse(text), SyntaxError);
        await assert.rejects(ask('/api/v1/secrets'), { code: 'ECONNRESET' });
        const silent = open('/apis/apps/v1/replicasets');
        const stalledWatch = await open('/apis/apps/v1/replicasets?watch=true');
        assert.equal(stalledWatch.statusCode, 200);
        assert.equal((await ask('/api/v1/namespaces')).code, 200);
        server.dropConnections();
        await assert.rejects(silent, { code: 'ECONNRESET' });
        await assert.rejects(async () => {
          for await (const part of stalledWatch) assert.fail(String(part));
        });
      },
      { faults: ({ kind }) => faults.get(kind ?? '') },
    );
  });

  it('writes nothing more to a watch whose time is over, also while its client has not read the end', async () => {
    const store = storeWithNamespace();
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    const errors: unknown[] = [];
    response.on('error', (error) => errors.push(error));
    const kind = kindNamed('Deployment') ?? assert.fail();
    streamWatch(store, response, { kind, selection: {}, since: '', timeoutMs: 1, shape: () => ({}) });
    await until(() => response.writableEnded, { timeoutMs: 5_000, what: 'the time to be over' });
    store.create(deployment(), by('test'));
    await new Promise(setImmediate);
    assert.deepEqual(errors, []);
  });
});
