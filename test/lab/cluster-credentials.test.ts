// How a context of a kubeconfig is signed and reached: over real sockets, TLS and a real CONNECT proxy.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { kubeReader } from '../../src/base/kubernetes/client';
import { connectCluster } from '../../src/base/kubernetes/connection';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { Lifetime } from '../../src/base/lifetime';
import { type Problem, ProblemError } from '../../src/model/problem';
import { FakeClock } from '../unit/base/fakeClock';
import { removeFolder, temporaryFolder, write } from './gitFixture';
import { json, type ScriptedServer, scriptedServer } from './scriptedServer';

const signal = new AbortController().signal;
const pem = (name: string): Buffer => readFileSync(join(__dirname, '..', 'fixtures', 'tls', name));
const authority = { 'certificate-authority-data': pem('ca.crt').toString('base64') };

describe('the credentials of a context', function () {
  this.timeout(30_000);
  let folder = '';
  let life = new Lifetime();
  let stops: (() => Promise<void>)[] = [];
  const clock = new FakeClock();
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(async () => {
    life.dispose();
    life = new Lifetime();
    for (const stop of stops) await stop();
    stops = [];
    removeFolder(folder);
  });

  /** Answers with what it was asked with: its header, and the name that TLS was told. */
  const mirror = async (tls: 'plain' | 'tls' = 'plain'): Promise<ScriptedServer> => {
    const server = await scriptedServer(
      ({ headers, socket }, response) => {
        const name = socket instanceof TLSSocket ? socket.servername : undefined;
        json(response, { versions: [headers.authorization ?? '-', typeof name === 'string' ? name : '-'] });
      },
      tls === 'tls' ? { key: pem('server.key'), cert: pem('server.crt') } : undefined,
    );
    stops.push(server.close);
    return server;
  };

  const writeConfig = (cluster: object, user: object): void => {
    write(folder, {
      config: JSON.stringify({
        contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
        clusters: [{ name: 'a', cluster }],
        users: [{ name: 'a', user }],
      }),
    });
  };

  /** Asks once: what the server mirrors. */
  const open = (environment: Readonly<Record<string, string>> = {}) => {
    const config = loadKubeconfig({ path: join(folder, 'config'), environment, clock });
    const reader = kubeReader(life.add(connectCluster(config.access('a'))));
    return async (): Promise<readonly string[]> => await reader.servedVersions('', signal);
  };

  const problemIn = async (ask: () => Promise<unknown>): Promise<Problem> => {
    try {
      await ask();
    } catch (error) {
      if (error instanceof ProblemError) return error.problem;
      throw error;
    }
    throw new Error('It went well');
  };

  it('come from a token file beside the kubeconfig, as it is at each request', async () => {
    const { url } = await mirror();
    writeConfig({ server: url }, { tokenFile: 'run/token', token: 'older' });
    write(folder, { 'run/token': 'first\n' });
    const ask = open();
    assert.deepEqual(await ask(), ['Bearer first', '-']);
    write(folder, { 'run/token': 'rotated\n' });
    assert.deepEqual(await ask(), ['Bearer rotated', '-']);
  });

  it('are missed in words where the token file is gone', async () => {
    const { url, requests } = await mirror();
    writeConfig({ server: url }, { tokenFile: join(folder, 'gone') });
    const { code, message, cause } = await problemIn(open());
    assert.equal(code, 'cluster-unauthorized');
    assert.match(message, /Try kubectl --context a get namespaces/);
    assert.match(cause ?? '', /ENOENT/);
    assert.deepEqual(requests, []);
  });

  const oidc = (token: string | undefined) => ({
    'auth-provider': {
      name: 'oidc',
      config: {
        'idp-issuer-url': 'https://issuer.invalid',
        'client-id': 'kubectl',
        'refresh-token': 'taken once',
        ...(token === undefined ? {} : { 'id-token': token }),
      },
    },
  });
  const jwt = (endsInMs: number): string => {
    const payload = { exp: Math.floor((clock.now() + endsInMs) / 1000) };
    return `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.signature`;
  };

  it('are the id token of an OIDC sign-in while it holds, and that which kubectl has renewed', async () => {
    const { url, requests } = await mirror();
    const first = jwt(3_600_000);
    writeConfig({ server: url }, oidc(first));
    const before = readFileSync(join(folder, 'config'), 'utf8');
    const ask = open();
    assert.deepEqual(await ask(), [`Bearer ${first}`, '-']);
    await clock.advance(3_601_000);
    const { code, message } = await problemIn(ask);
    assert.equal(code, 'cluster-unauthorized');
    assert.match(message, /It has ended: run kubectl --context a get namespaces in a terminal, which renews it/);
    assert.equal(requests.length, 1);
    assert.equal(readFileSync(join(folder, 'config'), 'utf8'), before);
    const renewed = jwt(3_600_000);
    writeConfig({ server: url }, oidc(renewed));
    assert.deepEqual(await ask(), [`Bearer ${renewed}`, '-']);
    writeConfig({ server: url }, oidc(undefined));
    assert.match((await problemIn(ask)).message, /There is none: run kubectl/);
    writeConfig({ server: url }, oidc('opaque'));
    assert.deepEqual(await ask(), ['Bearer opaque', '-']);
  });

  it('go to a server under the name that its certificate has', async () => {
    const { url } = await mirror('tls');
    const user = { token: 't' };
    writeConfig({ server: url, ...authority, 'tls-server-name': 'api.test' }, user);
    assert.deepEqual(await open()(), ['Bearer t', 'api.test']);
    writeConfig({ server: url, ...authority, 'tls-server-name': 'other.test' }, user);
    assert.equal((await problemIn(open())).code, 'cluster-tls');
  });

  /** A real CONNECT proxy, which also resolves the names that only it knows. */
  const proxyTo = async (port: number): Promise<{ readonly url: string; readonly asked: readonly string[] }> => {
    const asked: string[] = [];
    const clients: Duplex[] = [];
    const proxy: Server = createServer((_request, response) => response.writeHead(405).end());
    proxy.on('connect', (request, client) => {
      asked.push(request.url ?? '');
      clients.push(client);
      const socket = connectSocket(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(client).pipe(socket);
      });
      for (const end of [socket, client]) {
        end.on('error', () => {
          socket.destroy();
          client.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    stops.push(async () => {
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => proxy.close(() => resolve()));
    });
    const address = proxy.address();
    return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, asked };
  };

  it('go through the proxy of the cluster, with TLS from end to end', async () => {
    const { port } = await mirror('tls');
    const proxy = await proxyTo(port);
    const cluster = { server: 'https://api.test:6443', ...authority, 'proxy-url': proxy.url };
    writeConfig(cluster, { token: 't' });
    assert.deepEqual(await open()(), ['Bearer t', 'api.test']);
    writeConfig({ ...cluster, server: 'https://10.0.0.1:6443', 'tls-server-name': 'api.test' }, { token: 't' });
    assert.deepEqual(await open()(), ['Bearer t', 'api.test']);
    writeConfig({ ...cluster, 'certificate-authority-data': undefined }, { token: 't' });
    assert.equal((await problemIn(open())).code, 'cluster-tls');
    assert.deepEqual(proxy.asked, ['api.test:6443', '10.0.0.1:6443', 'api.test:6443']);
  });

  it('go through the proxy of the environment', async () => {
    const { port } = await mirror('tls');
    const proxy = await proxyTo(port);
    writeConfig({ server: 'https://api.test:6443', ...authority }, { token: 't' });
    assert.deepEqual(await open({ HTTPS_PROXY: proxy.url })(), ['Bearer t', 'api.test']);
    assert.deepEqual(proxy.asked, ['api.test:6443']);
  });
});
