// Logins from Docker's own configuration: what it holds itself, and what its credential helpers know. Read anew for every
// question that is not answered yet, never written. Formats: docker/cli cli/config/configfile/file.go; helpers:
// docker/docker-credential-helpers (`docker-credential-NAME get`, the server's name on standard input).
import { homedir } from 'node:os';
import { join } from 'node:path';
import { orAborted } from '../abort';
import type { Clock } from '../clock';
import { readSmallFile } from '../disk';
import { asObject, asString, type JsonObject, parseJson } from '../json';
import type { Logger } from '../logger';
import { runProgram } from '../program';
import { causeOf } from '../redact';

export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

export interface DockerConfigSource {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For one credential helper. */
  readonly timeoutMs?: number;
}

/** The login for a registry's host; undefined when Docker has none. Rejects when a helper cannot be run or hangs. */
export type ReadDockerLogin = (host: string, signal: AbortSignal) => Promise<RegistryLogin | undefined>;

const maxBytes = 1_000_000;
/** Many images share a host: its helper runs once for all of them. */
const rememberedMs = 30_000;
/** How Docker calls its own hub. */
const hubKey = 'https://index.docker.io/v1/';
const hubHosts: ReadonlySet<string> = new Set(['registry-1.docker.io', 'index.docker.io', 'docker.io']);
/** A helper's user name that says that its secret is a refresh token and no password. */
const refreshTokenUser = '<token>';

export function dockerLogins(source: DockerConfigSource): ReadDockerLogin {
  const remembered = new Map<string, { readonly at: number; readonly login: Promise<RegistryLogin | undefined> }>();
  return async (host, signal) => {
    const now = source.clock.now();
    let entry = remembered.get(host);
    if (entry === undefined || now - entry.at > rememberedMs) {
      // Asked for all who wait, so that nobody's cancellation is everybody's; each helper has its time limit.
      entry = { at: now, login: readLogin(source, host, new AbortController().signal) };
      remembered.set(host, entry);
      // A failure is not worth remembering; whoever waits for it sees it.
      entry.login.catch(() => remembered.delete(host));
    }
    return await orAborted(entry.login, signal);
  };
}

async function readLogin(
  source: DockerConfigSource,
  host: string,
  signal: AbortSignal,
): Promise<RegistryLogin | undefined> {
  const config = await readConfig(source);
  if (config === undefined) return undefined;
  const key = hubHosts.has(host) ? hubKey : host;
  const helper = entryFor(asObject(config['credHelpers']), key) ?? config['credsStore'];
  const name = asString(helper);
  const known = name === undefined || name === '' ? undefined : await askHelper(source, name, key, signal);
  return known ?? loginOf(asObject(entryFor(asObject(config['auths']), key)));
}

async function readConfig({ environment, logger }: DockerConfigSource): Promise<JsonObject | undefined> {
  const home = environment['HOME'] ?? environment['USERPROFILE'] ?? homedir();
  const path = join(environment['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json');
  const file = await readSmallFile(path, maxBytes);
  if (file.state === 'none') return undefined;
  const config = file.state === 'read' ? asObject(parseJson(file.text)) : undefined;
  if (config === undefined) logger.warn(`${path} is not Docker's configuration, so no login is taken from it.`);
  return config;
}

/** The entry of a server: by its exact name, else by its host alone, as Docker finds it. */
function entryFor(entries: JsonObject | undefined, key: string): unknown {
  if (entries === undefined) return undefined;
  const found = Object.keys(entries).find((name) => name === key) ?? Object.keys(entries).find(isSame(key));
  return found === undefined ? undefined : entries[found];
}

function isSame(key: string): (name: string) => boolean {
  const hostOf = (name: string): string => name.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  const host = hostOf(key);
  return (name) => (key === hubKey ? hubHosts.has(hostOf(name)) : hostOf(name) === host);
}

function loginOf(entry: JsonObject | undefined): RegistryLogin | undefined {
  if (entry === undefined) return undefined;
  const plain = Buffer.from(asString(entry['auth']) ?? '', 'base64').toString('utf8');
  const colon = plain.indexOf(':');
  const username = asString(entry['username']) ?? plain.slice(0, Math.max(colon, 0));
  // Docker ends what it has encoded by a zero byte now and then.
  const password = asString(entry['password']) ?? (colon < 0 ? '' : plain.slice(colon + 1).replace(/\0+$/, ''));
  return username === '' || password === '' ? undefined : { username, password };
}

async function askHelper(
  { environment, logger, timeoutMs = 10_000 }: DockerConfigSource,
  name: string,
  key: string,
  signal: AbortSignal,
): Promise<RegistryLogin | undefined> {
  // The name comes from a file and becomes a program's: it must not lead elsewhere.
  if (!/^[\w.-]+$/.test(name)) {
    logger.warn(`Docker's configuration names a credential helper that cannot be one for ${key}.`);
    return undefined;
  }
  const program = `docker-credential-${name}`;
  const call = { program, arguments: ['get'], input: key, environment, timeoutMs, maxBytes };
  const { exitCode, stdout, stderr } = await runProgram(call, signal);
  if (exitCode !== 0) {
    // Not to know a server is a failure too; without a login the registry itself says whether it needs one.
    logger.debug(`${program} has no login for ${key}: ${causeOf(stderr || stdout, 300)}`);
    return undefined;
  }
  const answer = asObject(parseJson(stdout));
  const [username, password] = [asString(answer?.['Username']), asString(answer?.['Secret'])];
  if (username === refreshTokenUser) {
    logger.info(`${program} gives a refresh token for ${key}, which is not used. Sign in by Sign In… instead.`);
    return undefined;
  }
  return username === undefined || !password ? undefined : { username, password };
}
