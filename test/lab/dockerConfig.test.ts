import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock';
import { type Logger, silentLogger } from '../../src/base/logger';
import { dockerLogins } from '../../src/base/registry/dockerConfig';
import { ProblemError } from '../../src/model/problem';
import { removeFolder, temporaryFolder, write } from './gitFixture';

const { signal } = new AbortController();
const secret = 'S3cr3tS3cr3t';
const auth = Buffer.from(`ada:${secret}`).toString('base64');
const login = { username: 'ada', password: secret };

describe("Docker's logins", function () {
  this.timeout(20_000);
  let folder = '';
  let log: string[] = [];
  beforeEach(() => {
    folder = temporaryFolder();
    log = [];
  });
  afterEach(() => {
    removeFolder(folder);
    assert.doesNotMatch(log.join('\n'), new RegExp(secret));
  });

  const ask = (config: unknown, host: string, timeoutMs = 10_000) => {
    write(folder, { 'config.json': typeof config === 'string' ? config : JSON.stringify(config) });
    const keep = (message: string): void => void log.push(message);
    const logger: Logger = { ...silentLogger, debug: keep, info: keep, warn: keep, error: keep };
    const environment = { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    return dockerLogins({ environment, clock: systemClock, logger, timeoutMs })(host, signal);
  };
  const helper = (name: string, script: string): void => {
    write(folder, { [`docker-credential-${name}`]: `#!/bin/sh\nread server\n${script}\n` });
    chmodSync(join(folder, `docker-credential-${name}`), 0o755);
  };
  const answers = `echo "$1 $server" >> "$DOCKER_CONFIG/asked"; echo '{"Username":"ada","Secret":"${secret}"}'`;
  const asked = (): string => readFileSync(join(folder, 'asked'), 'utf8');

  const stored: readonly (readonly [string, unknown, string])[] = [
    ['by host', { auths: { 'ghcr.io': { auth } } }, 'ghcr.io'],
    ['with a port', { auths: { '127.0.0.1:5000': { auth } } }, '127.0.0.1:5000'],
    ['by address', { auths: { 'https://r.example.com/v1/': { auth } } }, 'r.example.com'],
    ['in plain fields', { auths: { 'r.example.com': { username: 'ada', password: secret } } }, 'r.example.com'],
    ['of the hub', { auths: { 'https://index.docker.io/v1/': { auth } } }, 'registry-1.docker.io'],
    ['of the hub by its short name', { auths: { 'docker.io': { auth } } }, 'registry-1.docker.io'],
  ];
  for (const [name, config, host] of stored) {
    it(`are found ${name}`, async () => assert.deepEqual(await ask(config, host), login));
  }

  const absent: readonly (readonly [string, unknown, string])[] = [
    ['another host has one', { auths: { 'ghcr.io.evil.example': { auth } } }, 'ghcr.io'],
    ['the entry is empty', { auths: { 'ghcr.io': {} } }, 'ghcr.io'],
    ['the entry holds no name', { auths: { 'ghcr.io': { auth: 'bm9uZQ==' } } }, 'ghcr.io'],
    ['the helper’s name would lead elsewhere', { credHelpers: { 'ghcr.io': '../../bin/evil' } }, 'ghcr.io'],
    ['the file is not JSON', '{ broken', 'ghcr.io'],
    ['the file is something else', '[]', 'ghcr.io'],
  ];
  for (const [name, config, host] of absent) {
    it(`are none when ${name}`, async () => assert.equal(await ask(config, host), undefined));
  }

  it('are none without a configuration', async () => {
    const environment = { DOCKER_CONFIG: join(folder, 'nowhere') };
    const read = dockerLogins({ environment, clock: systemClock, logger: silentLogger });
    assert.equal(await read('ghcr.io', signal), undefined);
  });

  it('come from the helper of the host, before the store of all', async () => {
    helper('one', answers);
    helper('all', 'exit 3');
    const config = { credsStore: 'all', credHelpers: { 'gcr.io': 'one' }, auths: { 'gcr.io': {} } };
    assert.deepEqual(await ask(config, 'gcr.io'), login);
    assert.equal(asked(), 'get gcr.io\n');
  });

  it('come from the store of all, which knows the hub by its address', async () => {
    helper('all', answers);
    assert.deepEqual(await ask({ credsStore: 'all' }, 'registry-1.docker.io'), login);
    assert.equal(asked(), 'get https://index.docker.io/v1/\n');
  });

  it('are asked for once for all images of a host', async () => {
    helper('all', answers);
    write(folder, { 'config.json': JSON.stringify({ credsStore: 'all' }) });
    const environment = { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    const read = dockerLogins({ environment, clock: systemClock, logger: silentLogger });
    const found = await Promise.all([read('a.example', signal), read('a.example', signal)]);
    assert.deepEqual([...found, await read('a.example', signal)], [login, login, login]);
    assert.equal(asked(), 'get a.example\n');
  });

  it('are taken from the file where the helper has none', async () => {
    helper('all', 'echo "credentials not found in native keychain"; exit 1');
    assert.deepEqual(await ask({ credsStore: 'all', auths: { 'ghcr.io': { auth } } }, 'ghcr.io'), login);
  });

  it('are no refresh tokens, and the log says so', async () => {
    helper('all', `echo '{"Username":"<token>","Secret":"${secret}"}'`);
    assert.equal(await ask({ credsStore: 'all' }, 'acr.example'), undefined);
    assert.match(log.join('\n'), /refresh token for acr\.example.*Sign In/);
  });

  const broken: readonly (readonly [string, string, RegExp, () => void])[] = [
    ['is not installed', 'program-failed', /docker-credential-all could not be started\. Install it/, () => undefined],
    ['hangs', 'timed-out', /docker-credential-all did not answer within/, () => helper('all', 'exec sleep 30')],
    ['never stops talking', 'too-large', /docker-credential-all answered with more/, () => helper('all', 'yes')],
  ];
  for (const [what, code, says, prepare] of broken) {
    it(`say in a sentence that the helper ${what}`, async () => {
      prepare();
      await assert.rejects(ask({ credsStore: 'all' }, 'ghcr.io', 1000), (error) => {
        assert.ok(error instanceof ProblemError);
        assert.equal(error.problem.code, code);
        assert.match(error.problem.message, says);
        return true;
      });
    });
  }
});
