// Credential programs of a kubeconfig: real programs, a real server that believes only some tokens.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { kubeReader } from '../../src/base/kubernetes/client';
import { connectCluster } from '../../src/base/kubernetes/connection';
import { loadKubeconfig } from '../../src/base/kubernetes/kubeconfig';
import { ProblemError } from '../../src/model/problem';
import { FakeClock } from '../unit/base/fakeClock';
import { removeFolder, temporaryFolder } from './gitFixture';
import { json, type ScriptedServer, scriptedServer } from './scriptedServer';
import { until } from './until';

const v1 = 'client.authentication.k8s.io/v1';

describe('a credential program', function () {
  this.timeout(30_000);
  const signal = new AbortController().signal;
  let folder = '';
  let server: ScriptedServer;
  let asked: string[] = [];
  let isAccepted: (request: IncomingMessage) => boolean = () => true;
  beforeEach(async () => {
    folder = temporaryFolder();
    asked = [];
    isAccepted = () => true;
    server = await scriptedServer((request, response) => {
      asked.push(request.headers.authorization ?? '-');
      if (isAccepted(request)) return json(response, { versions: ['v1'] });
      json(response, { kind: 'Status', code: 401, message: 'Unauthorized' }, 401);
    });
  });
  afterEach(async () => {
    removeFolder(folder);
    await server.close();
  });

  /** Counts its runs in `runs`, notes its environment in `info`. */
  const program = (body: string): string => {
    const file = join(folder, 'login');
    writeFileSync(
      file,
      `#!/bin/sh\necho run >> '${folder}/runs'\nprintf %s "$KUBERNETES_EXEC_INFO" > '${folder}/info'\nn=$(grep -c run '${folder}/runs')\n${body}\n`,
    );
    chmodSync(file, 0o755);
    return file;
  };
  const credential = (status: string, version = v1): string =>
    `printf '%s' "{\\"apiVersion\\":\\"${version}\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{${status.replaceAll('"', '\\"')}}}"`;
  const runs = (): number => readFileSync(join(folder, 'runs'), 'utf8').split('run').length - 1;
  const info = (): unknown => JSON.parse(readFileSync(join(folder, 'info'), 'utf8'));

  const clock = new FakeClock();
  const connect = (exec: object, programTimeoutMs = 10_000, cluster: object = {}) => {
    const config = {
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      clusters: [{ name: 'a', cluster: { server: server.url, ...cluster } }],
      users: [{ name: 'a', user: { exec: { apiVersion: v1, interactiveMode: 'IfAvailable', ...exec } } }],
    };
    writeFileSync(join(folder, 'config'), JSON.stringify(config));
    const options = { path: join(folder, 'config'), environment: { PATH: process.env['PATH'] }, programTimeoutMs };
    return connectCluster(loadKubeconfig({ ...options, clock }).access('a'));
  };
  const ask = async (connection: ReturnType<typeof connect>): Promise<void> => {
    await kubeReader(connection).servedVersions('', signal);
  };
  const failure = async (exec: object, timeoutMs?: number): Promise<string> => {
    const connection = connect(exec, timeoutMs);
    try {
      await ask(connection);
    } catch (error) {
      if (error instanceof ProblemError) return `${error.problem.message} ${error.problem.cause ?? ''}`.trim();
      throw error;
    } finally {
      connection.dispose();
    }
    return 'no problem';
  };

  it('is run once for all who wait, and kept as long as it holds', async () => {
    const connection = connect({ command: program(credential('"token":"t$n"')) });
    await Promise.all([ask(connection), ask(connection), ask(connection)]);
    await ask(connection);
    assert.deepEqual([asked, runs()], [['Bearer t1', 'Bearer t1', 'Bearer t1', 'Bearer t1'], 1]);
    connection.dispose();
  });

  it('is asked again shortly before its credential ends', async () => {
    const ends = new Date(clock.now() + 60_000).toISOString();
    const connection = connect({ command: program(credential(`"token":"t$n","expirationTimestamp":"${ends}"`)) });
    await ask(connection);
    await clock.advance(45_000);
    await ask(connection);
    await clock.advance(10_000);
    await ask(connection);
    assert.deepEqual(asked, ['Bearer t1', 'Bearer t1', 'Bearer t2']);
    connection.dispose();
  });

  it('is asked once more after a 401, and no more than once', async () => {
    isAccepted = ({ headers }) => headers.authorization !== 'Bearer t1';
    const connection = connect({ command: program(credential('"token":"t$n"')) });
    await ask(connection);
    assert.deepEqual(asked, ['Bearer t1', 'Bearer t2']);
    isAccepted = () => false;
    await assert.rejects(
      ask(connection),
      (error) => error instanceof ProblemError && error.problem.code === 'cluster-unauthorized',
    );
    assert.equal(runs(), 3);
    connection.dispose();
  });

  it('is told about the cluster where it asks for that, and never that somebody is there', async () => {
    const command = program(credential('"token":"t"'));
    const plain = connect({ command, env: [{ name: 'HINT', value: 'x' }] });
    await ask(plain);
    assert.deepEqual(info(), { apiVersion: v1, kind: 'ExecCredential', spec: { interactive: false } });
    plain.dispose();
    const full = connect({ command, provideClusterInfo: true });
    await ask(full);
    assert.deepEqual(info(), {
      apiVersion: v1,
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: server.url } },
    });
    full.dispose();
    const extension = { audience: '06e3fbd18de8', regions: ['eu', 'us'] };
    const configured = connect({ command, provideClusterInfo: true }, 10_000, {
      'tls-server-name': 'api.test',
      extensions: [
        { name: 'minikube.sigs.k8s.io', extension: { provider: 'other' } },
        { name: 'client.authentication.k8s.io/exec', extension },
      ],
    });
    await ask(configured);
    assert.deepEqual(info(), {
      apiVersion: v1,
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: server.url, 'tls-server-name': 'api.test', config: extension } },
    });
    configured.dispose();
  });

  it('lies beside the kubeconfig where its name has a slash, and speaks v1beta1 too', async () => {
    const beta = 'client.authentication.k8s.io/v1beta1';
    program(credential('"token":"t"', beta));
    const connection = connect({ command: './login', apiVersion: beta });
    await ask(connection);
    assert.deepEqual(asked, ['Bearer t']);
    connection.dispose();
  });

  const failures: readonly (readonly [name: string, body: string, exec: object, says: RegExp])[] = [
    ['fails', 'echo no session >&2; exit 3', {}, /login of the context a ended with 3\. Run kubectl.* no session/],
    ['prints garbage', 'echo "token: S3cr3t"', {}, /answered with no credential/],
    ['prints nothing', 'true', {}, /answered with no credential/],
    ['gives an empty token', credential('"token":""'), {}, /answered with no credential/],
    ['asks for input', 'read answer || { echo nobody there >&2; exit 1; }', {}, /ended with 1.*nobody there/],
    ['wants to ask', 'true', { interactiveMode: 'Always' }, /wants to ask you.*Sign in with it in a terminal/],
    [
      'answers in another version',
      credential('"token":"t"', 'client.authentication.k8s.io/v1beta1'),
      {},
      /answered as .*v1beta1/,
    ],
    [
      'speaks an old version',
      'true',
      { apiVersion: 'client.authentication.k8s.io/v1alpha1' },
      /only v1 and v1beta1 are known/,
    ],
    [
      'is not there',
      'true',
      { command: '/nowhere/login', installHint: 'Install it with brew.\nMore.' },
      /could not be started\. Install it with brew\./,
    ],
  ];
  for (const [name, body, exec, says] of failures) {
    it(`that ${name} is said in words`, async () => {
      const command = program(body);
      const words = await failure({ command, ...exec });
      assert.match(words, says);
      assert.doesNotMatch(words, /S3cr3t/);
      assert.deepEqual(asked, []);
    });
  }

  it('that hangs is ended, with all that it has started', async () => {
    const command = program(`sleep 600 & echo $! > '${folder}/child'; wait`);
    assert.match(await failure({ command }, 500), /login did not answer within/);
    const child = readFileSync(join(folder, 'child'), 'utf8').trim();
    await until(() => !existsSync(`/proc/${child}`) || readFileSync(`/proc/${child}/stat`, 'utf8').includes(') Z'), {
      timeoutMs: 10_000,
      what: 'the program of the program to end',
    });
  });
});
