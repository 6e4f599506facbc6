// Kubeconfig as kubectl reads it, by client-node's loader: the only file that imports it, and a bundle of its own
// (dist/cluster.js) that is loaded on first use. The files are never written and their current context is never changed.
import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import { ProblemError } from '../../model/problem';
import { type Clock, systemClock } from '../clock';
import { environmentProxy } from '../environmentProxy';
import { asObject, asString } from '../json';
import type { Disposable } from '../lifetime';
import { withinTime } from '../limits';
import { causeOf } from '../redact';
import type { ClusterAccess } from './connection';
import { type ExecCluster, type ExecCredential, ExecCredentials, readExecPlugin } from './execPlugin';
import { type KubeconfigExtras, readKubeconfigExtras } from './kubeconfigExtras';
import { isOidc, oidcToken } from './oidcToken';

export interface KubeconfigSource {
  /** From the settings; goes before the environment. Several files as in KUBECONFIG. */
  readonly path?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** For a credential program. Default: half a minute. */
  readonly programTimeoutMs?: number;
}

export interface KubeContext {
  readonly name: string;
  readonly cluster: string;
  readonly namespace?: string;
  /** `insecure-skip-tls-verify`: whoever sits in between is believed. */
  readonly isUnchecked?: boolean;
}

export interface Kubeconfig {
  /** The files that were read, in order. */
  readonly files: readonly string[];
  readonly contexts: readonly KubeContext[];
  readonly currentContext?: string;
  /** Reads the files again when they have changed. Throws `context-unknown`. */
  access(context: string): ClusterAccess;
}

/** Long enough for a credential program that talks to a cloud, short enough to say that it hangs. */
const programTimeoutMs = 30_000;
/** A program's own limit comes first, with better words. */
const signTimeoutMs = programTimeoutMs + 5_000;

export function kubeconfigFiles({ path, environment }: KubeconfigSource): readonly string[] {
  const chosen = path !== undefined && path !== '' ? path : environment['KUBECONFIG'];
  const files = (chosen ?? '').split(delimiter).filter((file) => file !== '');
  if (files.length > 0) return files;
  return [join(environment['HOME'] ?? environment['USERPROFILE'] ?? homedir(), '.kube', 'config')];
}

/** Throws `kubeconfig-missing` when none of the files exists, `kubeconfig-malformed` for one that cannot be understood. */
export function loadKubeconfig(source: KubeconfigSource): Kubeconfig {
  const wanted = kubeconfigFiles(source);
  let loaded = { config: merge(wanted), stamp: stampOf(wanted) };
  const { merged, files, currentContext } = loaded.config;
  const known = new Map<string, ClusterAccess>();
  // Tokens and certificates are written into these files by other programs: what has changed is read again.
  const latest = (): Merged => {
    const stamp = stampOf(wanted);
    if (stamp !== loaded.stamp) loaded = { config: merge(wanted), stamp };
    return loaded.config;
  };
  return {
    files,
    contexts: merged.contexts.map(({ name, cluster, namespace }) => ({
      name,
      cluster,
      ...(isUnchecked(merged.getCluster(cluster)) ? { isUnchecked: true } : {}),
      ...(namespace === undefined ? {} : { namespace }),
    })),
    ...(currentContext === undefined ? {} : { currentContext }),
    access: (context) => {
      // One for all who ask, so that a credential program runs once for all of them.
      const access = known.get(context) ?? accessOf(latest, context, source);
      known.set(context, access);
      return access;
    },
  };
}

const lookMs = 5_000;

/**
 * Calls when one of the files changes, comes or goes. Looks at their times instead of watching folders: links that a
 * kubeconfig switcher moves and network folders tell nobody. `source` is asked each time, so settings may change.
 */
export function watchKubeconfig(source: () => KubeconfigSource, onChange: () => void, clock: Clock): Disposable {
  const look = (): string => stampOf(kubeconfigFiles(source()));
  let seen = look();
  let timer: Disposable;
  const again = (): void => {
    timer = clock.after(lookMs, () => {
      const now = look();
      again();
      if (now === seen) return;
      seen = now;
      onChange();
    });
  };
  again();
  return { dispose: () => timer.dispose() };
}

interface Merged extends KubeconfigExtras {
  readonly merged: KubeConfig;
  readonly files: readonly string[];
  readonly currentContext: string | undefined;
}

function merge(wanted: readonly string[]): Merged {
  const merged = new KubeConfig();
  const files: string[] = [];
  let tokenFiles: KubeconfigExtras['tokenFiles'] = new Map();
  let impersonations: KubeconfigExtras['impersonations'] = new Map();
  let execConfigs: KubeconfigExtras['execConfigs'] = new Map();
  let currentContext: string | undefined;
  for (const file of wanted) {
    const found = loadFile(file);
    if (found === undefined) continue;
    const { loaded, extras } = found;
    files.push(file);
    // As in kubectl, the first file that names something wins, with all that it says of it; the library's own merge
    // refuses doubles.
    tokenFiles = withUnnamed(tokenFiles, extras.tokenFiles, merged.users);
    impersonations = withUnnamed(impersonations, extras.impersonations, merged.users);
    execConfigs = withUnnamed(execConfigs, extras.execConfigs, merged.clusters);
    currentContext ??= loaded.getCurrentContext() || undefined;
    merged.clusters = [...merged.clusters, ...missingIn(merged.clusters, loaded.clusters)];
    const users = loaded.users.map((user) => ({ ...user, exec: besideFile(user.exec, file) }));
    merged.users = [...merged.users, ...missingIn(merged.users, users)];
    merged.contexts = [...merged.contexts, ...missingIn(merged.contexts, loaded.contexts)];
  }
  if (files.length > 0) return { merged, files, tokenFiles, impersonations, execConfigs, currentContext };
  throw new ProblemError({
    code: 'kubeconfig-missing',
    message: `There is no kubeconfig at ${wanted.join(', ')}. Set fluxPromote.kubeconfig or KUBECONFIG to see the cluster; Git is shown without it.`,
  });
}

/** Changes whenever one of the files does. */
function stampOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat === undefined ? '-' : `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
    })
    .join('\n');
}

function loadFile(file: string): { readonly loaded: KubeConfig; readonly extras: KubeconfigExtras } | undefined {
  const loaded = new KubeConfig();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw malformed(file, 'it cannot be read', error);
  }
  try {
    // One broken entry must not take the others away.
    loaded.loadFromFile(file, { onInvalidEntry: 'filter' });
  } catch (error) {
    throw malformed(file, 'it is not a kubeconfig', error);
  }
  if (loaded.contexts.length === 0) throw malformed(file, 'it names no context', undefined);
  return { loaded, extras: readKubeconfigExtras(text, file) };
}

function malformed(file: string, why: string, error: unknown): ProblemError {
  const message = `The kubeconfig ${file} cannot be used: ${why}. Correct the file or choose another one (fluxPromote.kubeconfig).`;
  // The parser's own words quote the file, which holds keys and tokens: only the place is kept.
  const place = /\((\d+:\d+)\)/.exec(error instanceof Error ? error.message : '')?.[1];
  return new ProblemError({
    code: 'kubeconfig-malformed',
    message,
    ...(place === undefined ? {} : { cause: `at ${place}` }),
  });
}

/** Of a user or cluster that an earlier file names too, nothing that is added counts: it may be meant for another server. */
function withUnnamed<T>(
  before: ReadonlyMap<string, T>,
  added: ReadonlyMap<string, T>,
  named: readonly { readonly name: string }[],
): ReadonlyMap<string, T> {
  return new Map([...before, ...[...added].filter(([name]) => !named.some((one) => one.name === name))]);
}

function missingIn<T extends { name: string }>(present: readonly T[], added: readonly T[]): T[] {
  return added.filter(({ name }) => !present.some((entry) => entry.name === name));
}

/** As client-go: a program with a slash in its name lies beside the kubeconfig, any other on the PATH. */
function besideFile(exec: unknown, file: string): unknown {
  const command = asString(asObject(exec)?.['command']);
  if (command === undefined || !/[/\\]/.test(command) || isAbsolute(command)) return exec;
  return { ...asObject(exec), command: join(dirname(file), command) };
}

function accessOf(latest: () => Merged, context: string, options: KubeconfigSource): ClusterAccess {
  let own = select(latest(), context, options);
  const current = (): Selected => {
    const source = latest();
    if (source !== own.source) own = select(source, context, options);
    return own;
  };
  return {
    context,
    get server() {
      return own.server;
    },
    sign: async (signal) => {
      const options: RequestOptions & { headers: OutgoingHttpHeaders } = { headers: {} };
      try {
        const { config, isProxied, credentials, impersonation } = current();
        const limit = { ms: signTimeoutMs, who: `The credential program of the context ${context}` };
        const credential = await withinTime(limit, signal, async () => {
          await config.applyToHTTPSOptions(options);
          return await credentials();
        });
        if (credential?.token !== undefined) options.headers['Authorization'] = `Bearer ${credential.token}`;
        if (credential?.certificate !== undefined) {
          options.cert = credential.certificate;
          options.key = credential.key;
        }
        Object.assign(options.headers, impersonation);
        // A fresh agent per request would mean a handshake per request; only a proxy's agent is needed.
        if (!isProxied) delete options.agent;
        return options;
      } catch (error) {
        if (signal.aborted || error instanceof ProblemError) throw error;
        throw new ProblemError({
          code: 'cluster-unauthorized',
          message: `The credentials of the context ${context} could not be made ready. Try kubectl --context ${context} get namespaces in a terminal.`,
          cause: causeOf(error instanceof Error ? error.message : String(error)),
        });
      }
    },
    renew: () => {
      own.program?.forget();
      return own.program !== undefined;
    },
  };
}

interface Selected {
  readonly source: Merged;
  /** Holds this context alone, so that what is current in the files never matters. */
  readonly config: KubeConfig;
  readonly server: string;
  readonly isProxied: boolean;
  readonly program: ExecCredentials | undefined;
  /** Headers; undefined where the user acts as himself. */
  readonly impersonation: OutgoingHttpHeaders | undefined;
  /** What the library does not sign with; undefined for a user who has nothing else. */
  readonly credentials: () => Promise<ExecCredential | undefined>;
}

const mostNames = 10;

function namesOf(contexts: readonly { readonly name: string }[]): string {
  if (contexts.length === 0) return '; there is none';
  const more = contexts.length > mostNames ? `, and ${contexts.length - mostNames} more` : '';
  const names = contexts.slice(0, mostNames).map(({ name }) => name);
  return `: ${names.join(', ')}${more}`;
}

function select(source: Merged, context: string, options: KubeconfigSource): Selected {
  const chosen = source.merged.contexts.find(({ name }) => name === context);
  const named = source.merged.clusters.find(({ name }) => name === chosen?.cluster);
  const cluster = named && withProxy(named, options.environment);
  const user = source.merged.users.find(({ name }) => name === chosen?.user);
  if (chosen === undefined || cluster === undefined) {
    const why =
      chosen === undefined
        ? 'is not in the kubeconfig'
        : `names the cluster ${chosen.cluster}, which is not in the kubeconfig`;
    throw new ProblemError({
      code: 'context-unknown',
      message: `The context ${context} ${why}. Choose another context${namesOf(source.merged.contexts)}.`,
      remedy: 'chooseContext',
    });
  }
  const config = new KubeConfig();
  // The library refuses plain HTTP unless certificates are not checked; there are none to check.
  const isPlain = cluster.server.startsWith('http:');
  config.loadFromOptions({
    clusters: [isPlain ? { ...cluster, skipTLSVerify: true } : cluster],
    users: user === undefined ? [] : [withoutOurs(user)],
    contexts: [chosen],
    currentContext: context,
  });
  const clock = options.clock ?? systemClock;
  const plugin = readExecPlugin(user?.exec);
  const program =
    plugin &&
    new ExecCredentials({
      context,
      plugin,
      cluster: clusterInfo(cluster, source.execConfigs.get(cluster.name)),
      environment: options.environment,
      clock,
      timeoutMs: options.programTimeoutMs ?? programTimeoutMs,
    });
  const tokenFile = source.tokenFiles.get(chosen.user);
  const credentials = async (): Promise<ExecCredential | undefined> => {
    if (program !== undefined) return await program.get();
    // Whoever rotates the token writes the file anew.
    if (tokenFile !== undefined) return { token: (await readFile(tokenFile, 'utf8')).trim() };
    const token = oidcToken(user?.authProvider, context, clock.now());
    return token === undefined ? undefined : { token };
  };
  const impersonation = source.impersonations.get(chosen.user);
  // kubectl refuses it too: it must not become the rights of whoever signs in.
  if (impersonation !== undefined && impersonation['Impersonate-User'] === undefined) {
    throw new ProblemError({
      code: 'kubeconfig-malformed',
      message: `The user ${chosen.user} of the context ${context} is to act with other groups, uid or extra, but as nobody. Add \`as\` to it in the kubeconfig, or choose another context.`,
      remedy: 'chooseContext',
    });
  }
  const isProxied = cluster.proxyUrl !== undefined;
  return { source, config, server: cluster.server, isProxied, program, credentials, impersonation };
}

/** Programs and OIDC sign-ins are ours: the library's own lack what they need. */
function withoutOurs(user: User): User {
  return { ...user, exec: undefined, ...(isOidc(user.authProvider) ? { authProvider: undefined } : {}) };
}

function isUnchecked(cluster: Cluster | null): boolean {
  return cluster?.skipTLSVerify === true && cluster.server.startsWith('https:');
}

/** The environment's proxy goes for every cluster that names none of its own, as for kubectl. */
function withProxy(cluster: Cluster, environment: KubeconfigSource['environment']): Cluster {
  const proxyUrl = cluster.proxyUrl ?? environmentProxy(cluster.server, environment);
  return proxyUrl === undefined ? cluster : { ...cluster, proxyUrl };
}

/** As client-go gives it to a program that asks for it (client.authentication.k8s.io `Cluster`). */
function clusterInfo(
  { server, tlsServerName, skipTLSVerify, caData, caFile, proxyUrl }: Cluster,
  config: unknown,
): ExecCluster {
  const authority = caData ?? (caFile === undefined ? undefined : readFileSync(caFile).toString('base64'));
  return {
    server,
    ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
    ...(skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(authority === undefined ? {} : { 'certificate-authority-data': authority }),
    ...(proxyUrl === undefined ? {} : { 'proxy-url': proxyUrl }),
    ...(config === undefined ? {} : { config }),
  };
}
