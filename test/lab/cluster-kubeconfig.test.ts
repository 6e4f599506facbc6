import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { kubeReader } from '../../src/base/kubernetes/client';
import { connectCluster } from '../../src/base/kubernetes/connection';
import { loadKubeconfig, watchKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { ProblemError } from '../../src/model/problem';
import { FakeClock } from '../unit/base/fakeClock';
import { removeFolder, temporaryFolder, write } from './gitFixture';
import { json, type ScriptedServer, scriptedServer } from './scriptedServer';

const signal = new AbortController().signal;
const tls = join(__dirname, '..', 'fixtures', 'tls');
const pem = (name: string): Buffer => readFileSync(join(tls, name));
const inline = (name: string): string => pem(name).toString('base64');

interface Entry {
  readonly name: string;
  readonly server: string;
  readonly cluster?: object;
  readonly user: object;
}

function kubeconfig(current: string, ...entries: readonly Entry[]): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': current,
    contexts: entries.map(({ name }) => ({ name, context: { cluster: name, user: name, namespace: `ns-${name}` } })),
    clusters: entries.map(({ name, server, cluster }) => ({ name, cluster: { server, ...cluster } })),
    users: entries.map(({ name, user }) => ({ name, user })),
  });
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code;
    throw error;
  }
  return 'no problem';
}

describe('kubeconfig', function () {
  // Real programs and sockets, on a machine that may be busy.
  this.timeout(30_000);
  let folder = '';
  let server: ScriptedServer | undefined;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(async () => {
    removeFolder(folder);
    await server?.close();
    server = undefined;
  });

  const load = (path: string) => loadKubeconfig({ path, environment: {} });
  const ask = async (path: string, context: string): Promise<readonly string[]> => {
    const connection = connectCluster(load(path).access(context));
    try {
      return await kubeReader(connection).servedVersions('', signal);
    } finally {
      connection.dispose();
    }
  };

  it('authenticates by client certificate, token, basic and plain HTTP, by context', async () => {
    server = await scriptedServer(
      (request, response) => {
        const socket = request.socket;
        const peer =
          'getPeerCertificate' in socket && typeof socket.getPeerCertificate === 'function' ? 'TLS' : 'plain';
        json(response, { versions: [`${peer} ${request.headers.authorization ?? 'certificate'}`] });
      },
      {
        key: pem('server.key'),
        cert: pem('server.crt'),
        ca: pem('ca.crt'),
        requestCert: true,
        rejectUnauthorized: false,
      },
    );
    const ca = { 'certificate-authority-data': inline('ca.crt') };
    const { url } = server;
    write(folder, {
      config: kubeconfig(
        'none',
        {
          name: 'cert',
          server: url,
          cluster: ca,
          user: { 'client-certificate-data': inline('client.crt'), 'client-key-data': inline('client.key') },
        },
        { name: 'token', server: `${url}/`, cluster: ca, user: { token: 'tok' } },
        { name: 'basic', server: url, cluster: ca, user: { username: 'u', password: 'p' } },
        { name: 'named', server: url, cluster: { ...ca, 'tls-server-name': 'api.test' }, user: { token: 't' } },
        { name: 'untrusted', server: url, user: { token: 't' } },
        { name: 'blind', server: url, cluster: { 'insecure-skip-tls-verify': true }, user: { token: 'b' } },
      ),
    });
    const path = join(folder, 'config');
    assert.deepEqual(await ask(path, 'cert'), ['TLS certificate']);
    assert.deepEqual(await ask(path, 'token'), ['TLS Bearer tok']);
    assert.deepEqual(await ask(path, 'basic'), [`TLS Basic ${Buffer.from('u:p').toString('base64')}`]);
    assert.deepEqual(await ask(path, 'named'), ['TLS Bearer t']);
    assert.deepEqual(await ask(path, 'blind'), ['TLS Bearer b']);
    await assert.rejects(
      ask(path, 'untrusted'),
      (error) => error instanceof ProblemError && error.problem.code === 'cluster-tls',
    );
    assert.equal(readFileSync(path, 'utf8').includes('"current-context":"none"'), true);
  });

  it('acts as whom the user of a context is to act as, with every header that kubectl sends', async () => {
    server = await scriptedServer((request, response) => {
      const headers = request.rawHeaders.flatMap((name, at) =>
        at % 2 === 0 && name.startsWith('Impersonate-') ? [`${name}: ${request.rawHeaders[at + 1] ?? ''}`] : [],
      );
      json(response, { versions: headers });
    });
    const { url } = server;
    const somebody = {
      token: 't',
      as: 'jane',
      'as-uid': '42',
      'as-groups': ['developers', 'system:authenticated'],
      'as-user-extra': { 'example.com/team%': ['shop', 'mail'] },
    };
    write(folder, {
      config: kubeconfig(
        'none',
        { name: 'somebody', server: url, user: somebody },
        { name: 'herself', server: url, user: { token: 't' } },
        { name: 'nobody', server: url, user: { token: 't', 'as-groups': ['system:masters'] } },
      ),
      later: kubeconfig('none', { name: 'herself', server: url, user: { token: 't', as: 'root' } }),
    });
    const path = [join(folder, 'config'), join(folder, 'later')].join(delimiter);
    assert.deepEqual(await ask(path, 'somebody'), [
      'Impersonate-User: jane',
      'Impersonate-Uid: 42',
      'Impersonate-Group: developers',
      'Impersonate-Group: system:authenticated',
      'Impersonate-Extra-example.com%2Fteam%25: shop',
      'Impersonate-Extra-example.com%2Fteam%25: mail',
    ]);
    assert.deepEqual(await ask(path, 'herself'), []);
    assert.equal(
      codeOf(() => load(path).access('nobody')),
      'kubeconfig-malformed',
    );
    assert.equal(server.requests.length, 2);
  });

  it('reads plain HTTP, and several files where the first that names something wins', async () => {
    server = await scriptedServer((request, response) => json(response, { versions: [request.headers.authorization] }));
    const { url } = server;
    write(folder, {
      one: kubeconfig('', { name: 'a', server: url, user: { token: 'one' } }),
      two: kubeconfig(
        'b',
        { name: 'a', server: 'http://127.0.0.1:1', user: { token: 'two' } },
        { name: 'b', server: url, user: { token: 'b' } },
      ),
    });
    const path = [join(folder, 'one'), join(folder, 'missing'), join(folder, 'two')].join(':');
    const loaded = loadKubeconfig({ environment: { KUBECONFIG: path } });
    assert.deepEqual(loaded.contexts, [
      { name: 'a', cluster: 'a', namespace: 'ns-a' },
      { name: 'b', cluster: 'b', namespace: 'ns-b' },
    ]);
    assert.equal(loaded.currentContext, 'b');
    assert.deepEqual(await ask(path, 'a'), ['Bearer one']);
    assert.deepEqual(await ask(path, 'b'), ['Bearer b']);
  });

  it('takes nothing of a later file for a user or cluster that an earlier file names', async () => {
    server = await scriptedServer((request, response) => json(response, { versions: [request.headers.authorization] }));
    const { url } = server;
    write(folder, {
      token: 'of-the-later-file',
      early: kubeconfig('a', { name: 'a', server: url, user: { token: 'early' } }),
      late: kubeconfig('a', { name: 'a', server: url, user: { tokenFile: 'token' } }),
    });
    assert.deepEqual(await ask(join(folder, 'late'), 'a'), ['Bearer of-the-later-file']);
    assert.deepEqual(await ask([join(folder, 'early'), join(folder, 'late')].join(delimiter), 'a'), ['Bearer early']);
  });

  it('goes through the proxy of the environment, but to what NO_PROXY names', async () => {
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    write(folder, {
      config: kubeconfig(
        '',
        { name: 'far', server: 'https://far.invalid:6443', user: { token: 't' } },
        { name: 'near', server: 'https://near.invalid:6443', user: { token: 't' } },
      ),
    });
    const environment = { HTTPS_PROXY: url, NO_PROXY: 'near.invalid' };
    const loaded = loadKubeconfig({ path: join(folder, 'config'), environment });
    for (const context of ['far', 'near']) {
      const connection = connectCluster(loaded.access(context));
      await assert.rejects(
        kubeReader(connection).servedVersions('', signal),
        (error) => error instanceof ProblemError && error.problem.code === 'cluster-unreachable',
      );
      connection.dispose();
    }
    await new Promise<void>((resolve) => proxy.close(() => resolve()));
    assert.deepEqual(asked, ['far.invalid:6443']);
  });

  it('says whose certificate is not checked', () => {
    const insecure = { 'insecure-skip-tls-verify': true };
    write(folder, {
      config: kubeconfig(
        '',
        { name: 'blind', server: 'https://x.invalid', cluster: insecure, user: {} },
        { name: 'plain', server: 'http://x.invalid', cluster: insecure, user: {} },
        { name: 'checked', server: 'https://x.invalid', user: {} },
      ),
    });
    const unchecked = load(join(folder, 'config')).contexts.filter(({ isUnchecked }) => isUnchecked === true);
    assert.deepEqual(
      unchecked.map(({ name }) => name),
      ['blind'],
    );
  });

  it('takes a token that was written into the file since', async () => {
    server = await scriptedServer((request, response) => json(response, { versions: [request.headers.authorization] }));
    const { url } = server;
    const path = join(folder, 'config');
    write(folder, { config: kubeconfig('a', { name: 'a', server: url, user: { token: 'old' } }) });
    const connection = connectCluster(load(path).access('a'));
    const reader = kubeReader(connection);
    assert.deepEqual(await reader.servedVersions('', signal), ['Bearer old']);
    write(folder, { config: kubeconfig('a', { name: 'a', server: url, user: { token: 'rotated' } }) });
    assert.deepEqual(await reader.servedVersions('', signal), ['Bearer rotated']);
    connection.dispose();
  });

  it('tells when a file changes, comes or goes, and nothing otherwise', async () => {
    const clock = new FakeClock();
    const path = join(folder, 'config');
    let calls = 0;
    const watch = watchKubeconfig(
      () => ({ path: `${path}:${path}.more`, environment: {} }),
      () => {
        calls += 1;
      },
      clock,
    );
    const after = async (change: () => void): Promise<number> => {
      calls = 0;
      change();
      await clock.advance(20_000);
      return calls;
    };
    assert.equal(await after(() => undefined), 0);
    assert.equal(await after(() => write(folder, { config: 'a' })), 1);
    assert.equal(await after(() => write(folder, { 'config.more': 'b' })), 1);
    assert.equal(await after(() => write(folder, { config: 'a changed' })), 1);
    assert.equal(await after(() => rmSync(path)), 1);
    watch.dispose();
    assert.equal(await after(() => write(folder, { config: 'again' })), 0);
    assert.equal(clock.waiting, 0);
  });

  it('says what is wrong, and quotes no secret', () => {
    write(folder, {
      'broken.yaml': 'users:\n- name: a\n  user: {token: S3cr3t\n  - ]',
      'empty.yaml': '',
      'other.yaml': 'hello: world\n',
      'half.yaml': 'contexts:\n- name: a\n  context: {cluster: gone, user: gone}\n',
      folder: '',
    });
    const at = (name: string) => () => load(join(folder, name));
    assert.equal(codeOf(at('missing')), 'kubeconfig-missing');
    for (const name of ['broken.yaml', 'empty.yaml', 'other.yaml'])
      assert.equal(codeOf(at(name)), 'kubeconfig-malformed', name);
    assert.equal(
      codeOf(() => load(folder)),
      'kubeconfig-malformed',
    );
    assert.throws(
      at('broken.yaml'),
      (error) => error instanceof ProblemError && !JSON.stringify(error.problem).includes('S3cr3t'),
    );
    assert.equal(
      codeOf(() => at('half.yaml')().access('nowhere')),
      'context-unknown',
    );
    assert.equal(
      codeOf(() => at('half.yaml')().access('a')),
      'context-unknown',
    );
  });
});
