// The clusters of the kubeconfig: which contexts there are, watching one, and the pen that asks to reconcile.
// The library that reads kubeconfigs is loaded on first use; nothing is contacted but what is watched.

import type { Clock } from '../base/clock';
import { kubeReader, kubeWriter } from '../base/kubernetes/client';
import type { ClusterAccess as Signed } from '../base/kubernetes/connection';
import { type ClusterConnection, connectCluster } from '../base/kubernetes/connection';
import type { Logger } from '../base/logger';
import type { ClusterPen } from '../changes/applyCluster';
import { type Problem, ProblemError } from '../model/problem';
import { ClusterSource } from '../sources/cluster';
import { readNamespaces } from '../sources/namespaces';
import type { WatchedCluster } from '../sources/observer';
import { clusterPen } from './clusterPen';

/** What is needed of a loaded kubeconfig. */
export interface LoadedKubeconfig {
  readonly contexts: readonly { readonly name: string }[];
  access(context: string): Signed;
}

export interface ClusterAccessOptions {
  /** Throws `kubeconfig-…` problems. */
  readonly load: () => Promise<LoadedKubeconfig>;
  /** Throws `read-only` where the user wants nothing written. */
  readonly assertWritable: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const notReadYet: Problem = { code: 'not-read-yet', message: 'The kubeconfig has not been read yet.' };

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

  /** Refuses in read-only mode, at each use: the setting may change while a plan is looked at. */
  penOf(context: string): ClusterPen {
    return clusterPen(async (run) => {
      this.#options.assertWritable();
      const connection = this.#connect(context);
      try {
        return await run({ reader: kubeReader(connection), writer: kubeWriter(connection) });
      } finally {
        connection.dispose();
      }
    });
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
