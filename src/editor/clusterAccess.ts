// The clusters of the kubeconfig: which contexts there are, watching one, reading on demand, and the pen.
// The library that reads kubeconfigs is loaded on first use; nothing is contacted but what is watched.

import type { Clock } from '../base/clock';
import { type KubeReader, kubeReader, kubeWriter } from '../base/kubernetes/client';
import type { ClusterAccess as Signed } from '../base/kubernetes/connection';
import { type ClusterConnection, connectCluster, requestBudget } from '../base/kubernetes/connection';
import { readEvents } from '../base/kubernetes/events';
import { streamLog } from '../base/kubernetes/podLog';
import type { Disposable } from '../base/lifetime';
import type { Logger } from '../base/logger';
import type { Turns } from '../base/turns';
import type { ClusterPen } from '../changes/applyCluster';
import type { ContextChoice } from '../fleet/rankContexts';
import { uncheckedText } from '../fleet/rowTexts';
import { type Problem, ProblemError } from '../model/problem';
import { ClusterSource } from '../sources/cluster';
import { readControllerPods } from '../sources/controllerPods';
import { readNamespaces } from '../sources/namespaces';
import type { WatchedCluster } from '../sources/observer';
import { clusterPen } from './clusterPen';
import type { JournalSources } from './objectJournal';

/** What is needed of a loaded kubeconfig. */
export interface LoadedKubeconfig {
  readonly contexts: readonly ContextChoice[];
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

interface Held {
  readonly server: string;
  readonly connection: ClusterConnection;
}

/** Rejects with problems. */
export type ClusterWitness = Omit<JournalSources, 'parts'> & Disposable;

const notReadYet: Problem = { code: 'not-read-yet', message: 'The kubeconfig has not been read yet.' };

export class ClusterAccess {
  readonly #options: ClusterAccessOptions;
  #loaded: LoadedKubeconfig | undefined;
  #problem: Problem | undefined;
  readonly #held = new Map<string, Held & { holders: number }>();
  /** By server: two users of one cluster do not ask it twice as much at once. */
  readonly #budgets = new Map<string, Turns>();

  constructor(options: ClusterAccessOptions) {
    this.#options = options;
  }

  get contexts(): readonly string[] {
    return this.#loaded?.contexts.map(({ name }) => name) ?? [];
  }

  get choices(): readonly ContextChoice[] {
    return this.#loaded?.contexts ?? [];
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
    const held = this.#hold(context);
    const { connection, server } = held;
    if (this.choices.some(({ name, isUnchecked }) => name === context && isUnchecked === true)) {
      logger.warn(uncheckedText(context));
    }
    const source = new ClusterSource({ reader: kubeReader(connection), onChange, clock, logger });
    const isOutdated = (): boolean => (this.#serverOf(context) ?? server) !== server;
    return {
      get facts() {
        return source.facts;
      },
      get isOutdated() {
        return isOutdated();
      },
      refresh: () => source.refresh(),
      lookAt: (shown) => source.lookAt(shown),
      dispose: () => {
        source.dispose();
        held.dispose();
      },
    };
  }

  /** Reads on demand: what `run` is given is good as long as it runs. Rejects with a problem. */
  async read<T>(context: string, run: (reader: KubeReader) => Promise<T>): Promise<T> {
    const held = this.#hold(context);
    try {
      return await run(kubeReader(held.connection));
    } finally {
      held.dispose();
    }
  }

  /** Their names. Rejects with a problem. */
  async namespaces(context: string, signal: AbortSignal): Promise<readonly string[]> {
    return await this.read(context, async (reader) => await readNamespaces(reader, signal));
  }

  /** What is said about single objects; holds a connection until it is disposed. */
  witness(context: string): ClusterWitness {
    const held = this.#hold(context);
    const reader = kubeReader(held.connection);
    return {
      events: (object, signal) => readEvents(reader, object, signal),
      log: (source, part, signal) => streamLog(reader, source, part, signal),
      controllerPods: (controller, signal) => readControllerPods(reader, controller, signal),
      dispose: () => held.dispose(),
    };
  }

  /** Refuses in read-only mode, at each use: the setting may change while a plan is looked at. */
  penOf(context: string): ClusterPen {
    return clusterPen(async (run) => {
      this.#options.assertWritable();
      const held = this.#hold(context);
      try {
        return await run({ reader: kubeReader(held.connection), writer: kubeWriter(held.connection) });
      } finally {
        held.dispose();
      }
    });
  }

  /** One connection for all who ask by the same context; its requests are counted with those of the server's other contexts. */
  #hold(context: string): Held & Disposable {
    const { server } = this.#accessTo(context);
    const key = `${context} ${server}`;
    const held = this.#held.get(key) ?? { server, connection: this.#connect(context, server), holders: 0 };
    held.holders += 1;
    this.#held.set(key, held);
    let isHeld = true;
    return {
      ...held,
      dispose: () => {
        if (!isHeld) return;
        isHeld = false;
        held.holders -= 1;
        if (held.holders > 0) return;
        this.#held.delete(key);
        held.connection.dispose();
      },
    };
  }

  #accessTo(context: string): Signed {
    if (this.#loaded === undefined) throw new ProblemError(this.#problem ?? notReadYet);
    return this.#loaded.access(context);
  }

  /** Undefined where the kubeconfig does not tell. */
  #serverOf(context: string): string | undefined {
    try {
      return this.#accessTo(context).server;
    } catch (error) {
      if (error instanceof ProblemError) return undefined;
      throw error;
    }
  }

  /** Signs as the kubeconfig says at the time: whoever signs in again need not begin again here. */
  #connect(context: string, server: string): ClusterConnection {
    const inTurn = this.#budgets.get(server) ?? requestBudget();
    this.#budgets.set(server, inTurn);
    return connectCluster(
      {
        context,
        server,
        sign: async (signal) => await this.#accessTo(context).sign(signal),
        renew: () => this.#accessTo(context).renew(),
      },
      { inTurn },
    );
  }
}
