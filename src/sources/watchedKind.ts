// One kind of one cluster: found by discovery, then kept by a reflector; found again when its version is served no more.
import { type Clock, pause } from '../base/clock';
import type { JsonObject } from '../base/json';
import type { KubeWatcher } from '../base/kubernetes/client';
import { Reflector } from '../base/kubernetes/reflector';
import type { Disposable } from '../base/lifetime';
import type { Logger } from '../base/logger';
import { type Problem, ProblemError } from '../model/problem';
import { failed, type Reading, unknown } from '../model/reading';
import type { Discovery, WantedKind } from './discovery';

export interface WatchedKindOptions<T> {
  readonly reader: KubeWatcher;
  readonly discovery: Discovery;
  readonly wanted: WantedKind;
  /** Takes the object with its `apiVersion` and `kind`, which lists leave out. */
  readonly decode: (object: JsonObject) => T | undefined;
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const retryMs = 30_000;

export class WatchedKind<T> implements Disposable {
  readonly #options: WatchedKindOptions<T>;
  readonly #life = new AbortController();
  #wait = new AbortController();
  #reflector: Reflector<T> | undefined;
  #reading: Reading<readonly T[]>;
  #waiters: (() => void)[] = [];

  constructor(options: WatchedKindOptions<T>) {
    this.#options = options;
    const message = `The cluster ${options.reader.context} has not answered yet.`;
    this.#reading = unknown({ code: 'not-read-yet', message });
    void this.#run();
  }

  get reading(): Reading<readonly T[]> {
    return this.#reading;
  }

  /** Asks again now; resolves when that has succeeded or failed. Never rejects. */
  async refresh(): Promise<void> {
    if (this.#life.signal.aborted) return;
    if (this.#reflector !== undefined) {
      await this.#reflector.refresh();
      return;
    }
    const settled = new Promise<void>((resolve) => this.#waiters.push(resolve));
    this.#wait.abort();
    await settled;
  }

  dispose(): void {
    this.#life.abort();
    this.#wait.abort();
    this.#reflector?.dispose();
    this.#settle();
  }

  async #run(): Promise<void> {
    const { discovery, wanted, clock, logger, reader } = this.#options;
    while (!this.#life.signal.aborted) {
      try {
        const resource = await discovery.find(wanted, this.#life.signal);
        if (this.#life.signal.aborted) return;
        await this.#follow(resource);
      } catch (error) {
        if (this.#life.signal.aborted) return;
        const problem = problemFrom(error, reader.context);
        logger.debug(`${reader.context} ${wanted.kind}: ${problem.message} ${problem.cause ?? ''}`);
        // What is served no more is gone; what cannot be asked is only silent.
        this.#publish(problem.code === 'kind-not-served' ? unknown(problem) : failed(this.#reading, problem));
      }
      this.#settle();
      if (this.#life.signal.aborted) return;
      this.#wait = new AbortController();
      try {
        await pause(clock, retryMs * (1 + clock.random() / 2), this.#wait.signal);
      } catch (reason) {
        if (!this.#wait.signal.aborted) throw reason;
      }
    }
  }

  /** Until the version is served no more, or the end. */
  async #follow(resource: {
    readonly group: string;
    readonly version: string;
    readonly plural: string;
  }): Promise<void> {
    const { reader, clock, logger, wanted, decode } = this.#options;
    const type = {
      apiVersion: resource.group === '' ? resource.version : `${resource.group}/${resource.version}`,
      kind: wanted.kind,
    };
    await new Promise<void>((resolve) => {
      const reflector = new Reflector<T>({
        reader,
        resource,
        decode: (object) => decode({ ...object, ...type }),
        clock,
        logger,
        onChange: () => {
          const { reading } = reflector;
          const isGone = reading.state !== 'known' && reading.problem.code === 'kind-not-served';
          this.#publish(isGone ? unknown(reading.problem) : reading);
          if (!isGone) return;
          reflector.dispose();
          this.#reflector = undefined;
          resolve();
        },
      });
      this.#life.signal.addEventListener('abort', () => resolve(), { once: true });
      this.#reflector = reflector;
      void this.#settleAfter(reflector.refresh());
    });
  }

  #publish(reading: Reading<readonly T[]>): void {
    this.#reading = reading;
    this.#options.onChange();
  }

  /** Whoever waits for news waits for the first list, not for discovery alone. */
  async #settleAfter(listed: Promise<void>): Promise<void> {
    await listed;
    this.#settle();
  }

  #settle(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const done of waiters) done();
  }
}

function problemFrom(error: unknown, context: string): Problem {
  if (error instanceof ProblemError) return error.problem;
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'cluster-failed', message: `Reading the cluster ${context} failed. The log has the reason.`, cause };
}
