// The clusters of the kubeconfig: which contexts there are, watching one, and the pen that asks to reconcile.
// The library that reads kubeconfigs is loaded on first use; nothing is contacted but what is watched.

import type { Clock } from '../base/clock';
import { type KubeReader, kubeReader, kubeWriter } from '../base/kubernetes/client';
import type { ClusterAccess as Signed } from '../base/kubernetes/connection';
import { type ClusterConnection, connectCluster } from '../base/kubernetes/connection';
import type { Logger } from '../base/logger';
import type { ReconcilePen } from '../changes/apply';
import { type Problem, ProblemError } from '../model/problem';
import { ClusterSource } from '../sources/cluster';
import { readNamespaces } from '../sources/namespaces';
import type { WatchedCluster } from '../sources/observer';

/** What is needed of a loaded kubeconfig. */
export interface LoadedKubeconfig {
  readonly contexts: readonly { readonly name: string }[];
  access(context: string): Signed;
}

export interface ClusterAccessOptions {
  /** Throws `kubeconfig-…` problems. */
  readonly load: () => Promise<LoadedKubeconfig>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const notReadYet: Problem = { code: 'not-read-yet', message: 'The kubeconfig has not been read yet.' };

const pluralOf: Readonly<Record<string, readonly [group: string, plural: string]>> = {
  GitRepository: ['source.toolkit.fluxcd.io', 'gitrepositories'],
  OCIRepository: ['source.toolkit.fluxcd.io', 'ocirepositories'],
  Bucket: ['source.toolkit.fluxcd.io', 'buckets'],
  Kustomization: ['kustomize.toolkit.fluxcd.io', 'kustomizations'],
  ImageRepository: ['image.toolkit.fluxcd.io', 'imagerepositories'],
};

export class ClusterAccess {
  readonly #options: ClusterAccessOptions;
  #loaded: LoadedKubeconfig | undefined;
  #problem: Problem | undefined;

  constructor(options: ClusterAccessOptions) {
    this.#options = options;
  }

  get contexts(): readonly string[] {
    return this.#loaded?.contexts.map(({ name }) => name) ?? [];
  }

  /** The kubeconfig's trouble, once it was read. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Reads the kubeconfig; its trouble stands for every cluster until it is read again. */
  async load(): Promise<void> {
    try {
      this.#loaded = await this.#options.load();
      this.#problem = undefined;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.#loaded = undefined;
      this.#problem = error.problem;
      this.#options.logger.info(error.problem.message);
    }
  }

  /** Throws the problem that then stands for all of the cluster's kinds. */
  watch(context: string, onChange: () => void): WatchedCluster {
    const { clock, logger } = this.#options;
    const connection = this.#connect(context);
    const source = new ClusterSource({ reader: kubeReader(connection), onChange, clock, logger });
    return {
      get facts() {
        return source.facts;
      },
      refresh: () => source.refresh(),
      dispose: () => {
        source.dispose();
        connection.dispose();
      },
    };
  }

  /** Their names. Rejects with a problem. */
  async namespaces(context: string, signal: AbortSignal): Promise<readonly string[]> {
    const connection = this.#connect(context);
    try {
      return await readNamespaces(kubeReader(connection), signal);
    } finally {
      connection.dispose();
    }
  }

  /** Asks by the annotation that Flux's own command line sets, under our own field manager. */
  reconcilePen(context: string): ReconcilePen {
    return {
      requestReconcile: async ({ kind, namespace, name }, token, signal) => {
        const [group, plural] = pluralOf[kind] ?? [];
        if (group === undefined || plural === undefined) {
          throw new ProblemError({
            code: 'kind-not-read',
            message: `${kind} ${namespace}/${name} cannot be asked to reconcile from here. Wait for its interval.`,
          });
        }
        const connection = this.#connect(context);
        try {
          const resource = { group, plural, version: await preferredVersion(kubeReader(connection), group, signal) };
          const patch = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } };
          await kubeWriter(connection).patch(resource, namespace, name, patch, signal);
        } finally {
          connection.dispose();
        }
      },
    };
  }

  /** Signs as the kubeconfig says at the time: whoever signs in again need not begin again here. */
  #connect(context: string): ClusterConnection {
    const access = (): Signed => {
      if (this.#loaded === undefined) throw new ProblemError(this.#problem ?? notReadYet);
      return this.#loaded.access(context);
    };
    return connectCluster({
      context,
      server: access().server,
      sign: async (signal) => await access().sign(signal),
      renew: () => access().renew(),
    });
  }
}

async function preferredVersion(reader: KubeReader, group: string, signal: AbortSignal): Promise<string> {
  const [version] = await reader.servedVersions(group, signal);
  if (version !== undefined) return version;
  throw new ProblemError({
    code: 'kind-not-served',
    message: `The cluster does not serve ${group}: this part of Flux is not installed there.`,
  });
}
