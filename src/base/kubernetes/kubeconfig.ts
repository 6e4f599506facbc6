// Kubeconfig as kubectl reads it, by client-node's loader: the only file that imports it, and a bundle of its own
// (dist/cluster.js) that is loaded on first use. The files are never written and their current context is never changed.
import { readFileSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { ProblemError } from '../../model/problem';
import { withinTime } from '../limits';
import { causeOf } from '../redact';
import type { ClusterAccess } from './connection';

export interface KubeconfigSource {
  /** From the settings; goes before the environment. Several files as in KUBECONFIG. */
  readonly path?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface KubeContext {
  readonly name: string;
  readonly cluster: string;
  readonly namespace?: string;
}

export interface Kubeconfig {
  /** The files that were read, in order. */
  readonly files: readonly string[];
  readonly contexts: readonly KubeContext[];
  readonly currentContext?: string;
  /** Rejects nothing yet: signing does. Throws `context-unknown`. */
  access(context: string): ClusterAccess;
}

/** Long enough for a credential program that talks to a cloud, short enough to say that it hangs. */
const signTimeoutMs = 30_000;

export function kubeconfigFiles({ path, environment }: KubeconfigSource): readonly string[] {
  const chosen = path !== undefined && path !== '' ? path : environment['KUBECONFIG'];
  const files = (chosen ?? '').split(delimiter).filter((file) => file !== '');
  if (files.length > 0) return files;
  return [join(environment['HOME'] ?? environment['USERPROFILE'] ?? homedir(), '.kube', 'config')];
}

/** Throws `kubeconfig-missing` when none of the files exists, `kubeconfig-malformed` for one that cannot be understood. */
export function loadKubeconfig(source: KubeconfigSource): Kubeconfig {
  const wanted = kubeconfigFiles(source);
  const merged = new KubeConfig();
  const files: string[] = [];
  let currentContext: string | undefined;
  for (const file of wanted) {
    const loaded = loadFile(file);
    if (loaded === undefined) continue;
    files.push(file);
    currentContext ??= loaded.getCurrentContext() || undefined;
    // As in kubectl, the first file that names something wins; the library's own merge refuses doubles.
    merged.clusters = [...merged.clusters, ...missingIn(merged.clusters, loaded.clusters)];
    merged.users = [...merged.users, ...missingIn(merged.users, loaded.users)];
    merged.contexts = [...merged.contexts, ...missingIn(merged.contexts, loaded.contexts)];
  }
  if (files.length === 0) {
    throw new ProblemError({
      code: 'kubeconfig-missing',
      message: `There is no kubeconfig at ${wanted.join(', ')}. Set fluxPromote.kubeconfig or KUBECONFIG to see the cluster; Git is shown without it.`,
    });
  }
  return {
    files,
    contexts: merged.contexts.map(({ name, cluster, namespace }) => ({
      name,
      cluster,
      ...(namespace === undefined ? {} : { namespace }),
    })),
    ...(currentContext === undefined ? {} : { currentContext }),
    access: (context) => accessOf(merged, context),
  };
}

function loadFile(file: string): KubeConfig | undefined {
  const config = new KubeConfig();
  try {
    readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw malformed(file, 'it cannot be read', error);
  }
  try {
    // One broken entry must not take the others away.
    config.loadFromFile(file, { onInvalidEntry: 'filter' });
  } catch (error) {
    throw malformed(file, 'it is not a kubeconfig', error);
  }
  if (config.contexts.length === 0) throw malformed(file, 'it names no context', undefined);
  return config;
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

function missingIn<T extends { name: string }>(present: readonly T[], added: readonly T[]): T[] {
  return added.filter(({ name }) => !present.some((entry) => entry.name === name));
}

function accessOf(merged: KubeConfig, context: string): ClusterAccess {
  const chosen = merged.contexts.find(({ name }) => name === context);
  const cluster = merged.clusters.find(({ name }) => name === chosen?.cluster);
  const user = merged.users.find(({ name }) => name === chosen?.user);
  if (chosen === undefined || cluster === undefined) {
    const why =
      chosen === undefined
        ? 'is not in the kubeconfig'
        : `names the cluster ${chosen.cluster}, which is not in the kubeconfig`;
    throw new ProblemError({
      code: 'context-unknown',
      message: `The context ${context} ${why}. Choose another context for this environment.`,
    });
  }
  const isPlain = cluster.server.startsWith('http:');
  const own = new KubeConfig();
  own.loadFromOptions({
    // The library refuses plain HTTP unless certificates are not checked; there are none to check.
    clusters: [isPlain ? { ...cluster, skipTLSVerify: true } : cluster],
    users: user === undefined ? [] : [user],
    contexts: [chosen],
    currentContext: context,
  });
  return {
    context,
    server: cluster.server,
    sign: async (signal) => {
      const options: RequestOptions & { headers: OutgoingHttpHeaders } = { headers: {} };
      try {
        const limit = { ms: signTimeoutMs, who: `The credential program of the context ${context}` };
        await withinTime(limit, signal, async () => await own.applyToHTTPSOptions(options));
      } catch (error) {
        if (signal.aborted || error instanceof ProblemError) throw error;
        throw new ProblemError({
          code: 'cluster-unauthorized',
          message: `The credentials of the context ${context} could not be made ready. Try kubectl --context ${context} get namespaces in a terminal.`,
          cause: causeOf(error instanceof Error ? error.message : String(error)),
        });
      }
      // A fresh agent per request would mean a handshake per request; only a proxy's agent is needed.
      if (cluster.proxyUrl === undefined) delete options.agent;
      return options;
    },
  };
}
