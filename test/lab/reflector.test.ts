import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, it } from 'mocha';
import { asObject, asString } from '../../src/base/json';
import { kubeReader, kubeWriter } from '../../src/base/kubernetes/client';
import { connectCluster } from '../../src/base/kubernetes/connection';
import { Reflector } from '../../src/base/kubernetes/reflector';
import { Lifetime } from '../../src/base/lifetime';
import { silentLogger } from '../../src/base/logger';
import { ProblemError } from '../../src/model/problem';
import { hurried } from './hurried';
import { type Answer, html, json, type ScriptedServer, scriptedServer } from './scriptedServer';
import { until } from './until';

const signal = new AbortController().signal;
const things = { group: 'g.test', version: 'v1', plural: 'things' };
const secret = 'S3cr3tT0ken0123';

function status(response: ServerResponse, code: number, headers: Record<string, string> = {}): void {
  json(response, { kind: 'Status', status: 'Failure', code, message: `code ${code}, token=${secret}` }, code, headers);
}

function list(response: ServerResponse, version: string, ...names: readonly string[]): void {
  const items = names.map((name) => ({ metadata: { namespace: 'ns', name, resourceVersion: version } }));
  json(response, { kind: 'ThingList', metadata: { resourceVersion: version }, items });
}

function event(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

describe('Kubernetes over real sockets', function () {
  this.timeout(20_000);
  let lifetime = new Lifetime();
  let server: ScriptedServer | undefined;
  afterEach(async () => {
    lifetime.dispose();
    lifetime = new Lifetime();
    await server?.close();
  });

  const connect = async (answer: Answer, limits: { timeoutMs?: number; maxBytes?: number } = {}) => {
    server = await scriptedServer(answer);
    const access = {
      context: 'lab',
      server: server.url,
      sign: async () => ({ headers: { authorization: `Bearer ${secret}` } }),
      renew: () => false,
    };
    return lifetime.add(connectCluster(access, limits));
  };

  const faults: readonly (readonly [string, string, Answer])[] = [
    ['nothing listens any more', 'cluster-unreachable', (request) => request.socket.destroy()],
    ['401', 'cluster-unauthorized', (_request, response) => status(response, 401)],
    ['403', 'cluster-forbidden', (_request, response) => status(response, 403)],
    ['404', 'kind-not-served', (_request, response) => status(response, 404)],
    ['500', 'cluster-failed', (_request, response) => status(response, 500)],
    ['429', 'cluster-failed', (_request, response) => status(response, 429, { 'retry-after': '3' })],
    ['a sign-in page', 'cluster-garbage', (_request, response) => html(response)],
    ['a page that says 404', 'cluster-garbage', (_request, response) => html(response, 404)],
    ['a redirect', 'cluster-garbage', (_request, response) => response.writeHead(302, { location: 'http://x/' }).end()],
    ['another JSON', 'cluster-garbage', (_request, response) => json(response, { hello: 'world' })],
    [
      'truncated JSON',
      'cluster-garbage',
      (_request, response) => response.end('{"metadata":{"resourceVersion":"1"},"ite'),
    ],
    [
      'an answer cut off',
      'cluster-unreachable',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"items":[');
        response.socket?.end();
      },
    ],
    ['silence', 'timed-out', () => undefined],
    ['a giant', 'too-large', (_request, response) => response.end('x'.repeat(2_000_000))],
  ];
  for (const [name, code, answer] of faults) {
    it(`says ${code} for ${name}`, async () => {
      const connection = await connect(answer, { timeoutMs: name === 'silence' ? 300 : 15_000, maxBytes: 1_000_000 });
      const listing = kubeReader(connection).list(things, { limit: 500 }, signal);
      await assert.rejects(listing, (error) => {
        assert.ok(error instanceof ProblemError, String(error));
        assert.equal(error.problem.code, code);
        assert.doesNotMatch(JSON.stringify(error.problem), new RegExp(secret));
        return true;
      });
    });
  }

  it('passes cancellation through untouched', async () => {
    const connection = await connect(() => undefined);
    const user = new AbortController();
    const listing = kubeReader(connection).list(things, { limit: 500 }, user.signal);
    await until(() => (server?.requests.length ?? 0) > 0, { timeoutMs: 10_000, what: 'the request' });
    user.abort(new Error('cancelled by the user'));
    await assert.rejects(listing, /cancelled by the user/);
  });

  it('discovers, gets and patches under one field manager', async () => {
    let patch = '';
    const connection = await connect((request, response) => {
      if (request.url === '/apis/g.test') json(response, { versions: [{ version: 'v1' }, { version: 'v1beta2' }] });
      else if (request.url === '/apis/g.test/v1') {
        const things_ = { name: 'things', kind: 'Thing', namespaced: true };
        json(response, { resources: [things_, { ...things_, name: 'things/status' }] });
      } else if (request.method === 'PATCH') {
        patch = `${request.url ?? ''} ${request.headers['content-type'] ?? ''} `;
        request.on('data', (chunk: Buffer) => (patch += chunk.toString()));
        request.on('end', () => json(response, { kind: 'Thing' }));
      } else if (request.url === '/apis/g.test/v1/namespaces/ns/things/a') json(response, { kind: 'Thing' });
      else status(response, 404);
    });
    const reader = kubeReader(connection);
    assert.deepEqual(await reader.servedVersions('g.test', signal), ['v1', 'v1beta2']);
    assert.deepEqual(await reader.servedVersions('gone.test', signal), []);
    assert.deepEqual(await reader.servedResources('g.test', 'v1', signal), [
      { ...things, kind: 'Thing', isNamespaced: true },
    ]);
    assert.deepEqual(await reader.get(things, 'ns', 'a', signal), { kind: 'Thing' });
    await kubeWriter(connection).patch(things, 'ns', 'a', { metadata: { annotations: { a: 'b' } } }, signal);
    const path = '/apis/g.test/v1/namespaces/ns/things/a?fieldManager=flux-promote';
    assert.equal(patch, `${path} application/merge-patch+json {"metadata":{"annotations":{"a":"b"}}}`);
  });

  /** The first watch goes wrong as told; afterwards the cluster is well and holds one thing more. */
  const watchFaults: readonly (readonly [string, Answer])[] = [
    ['a reset', (request) => request.socket.resetAndDestroy()],
    [
      'a reset in the middle',
      (request, response) => {
        response.write(event('ADDED', { metadata: { namespace: 'ns', name: 'b', resourceVersion: '2' } }), () =>
          request.socket.resetAndDestroy(),
        );
      },
    ],
    ['410 by status', (_request, response) => status(response, 410)],
    ['410 by event', (_request, response) => response.end(event('ERROR', { kind: 'Status', code: 410 }))],
    ['429', (_request, response) => status(response, 429, { 'retry-after': '2' })],
    ['500', (_request, response) => status(response, 500)],
    ['garbage', (_request, response) => response.end('this is no event\n')],
    ['HTML', (_request, response) => html(response)],
    ['truncated JSON', (_request, response) => response.end('{"type":"ADDED","object":{"meta')],
    ['403', (_request, response) => status(response, 403)],
    ['silence', (_request, response) => response.flushHeaders()],
  ];
  for (const [name, fault] of watchFaults) {
    it(`comes back after ${name}`, async () => {
      let watches = 0;
      const connection = await connect((request, response) => {
        if (request.url?.includes('watch=1') !== true) list(response, '1', 'a');
        else if (++watches === 1) fault(request, response);
        else response.write(event('ADDED', { metadata: { namespace: 'ns', name: 'c', resourceVersion: '9' } }));
      });
      const reflector = lifetime.add(
        new Reflector<string>({
          reader: kubeReader(connection),
          resource: things,
          decode: (raw) => asString(asObject(raw['metadata'])?.['name']),
          onChange: () => undefined,
          clock: hurried,
          logger: silentLogger,
        }),
      );
      reflector.start();
      await until(() => reflector.reading.state === 'known' && reflector.reading.value.includes('c'), {
        timeoutMs: 10_000,
        what: 'the new thing',
      });
    });
  }
});
