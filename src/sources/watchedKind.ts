// One kind of one cluster: found by discovery, then kept by reflectors, one for each part that is looked at; found again when
// its version is served no more. Where the user may not list all namespaces, it is looked for in those that the files name.
import { type Clock, pause } from '../base/clock';
import type { JsonObject } from '../base/json';
import type { KubeWatcher, Selection, ServedResource } from '../base/kubernetes/client';
import { Reflector } from '../base/kubernetes/reflector';
import type { Disposable } from '../base/lifetime';
import type { Logger } from '../base/logger';
import type { Gap } from '../model/facts';
import { type Problem, ProblemError } from '../model/problem';
import { failed, type Reading, unknown } from '../model/reading';
import type { Discovery, WantedKind } from './discovery';
import { mergeParts, type Part } from './parts';

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

/** Which objects are looked at. */
export interface KindScope {
  /** One watch for each; an empty text is everything, no text nothing. */
  readonly labelSelectors: readonly string[];
  /** Where to look when not everywhere. */
  readonly namespaces: readonly string[];
}

const retryMs = 30_000;
/** Found again at once, unless it was lost as quickly. */
const shortMs = 5_000;

export class WatchedKind<T extends { readonly meta: { readonly namespace: string; readonly name: string } }>
  implements Disposable
{
  readonly #options: WatchedKindOptions<T>;
  readonly #life = new AbortController();
  readonly #parts = new Map<string, { readonly selection: Selection; readonly reflector: Reflector<T> }>();
  #scope: KindScope = { labelSelectors: [''], namespaces: [] };
  #isNarrow = false;
  #resource: ServedResource | undefined;
  /** Ends `#follow`. */
  #lost: (() => void) | undefined;
  #wait = new AbortController();
  #reading: Reading<readonly T[]>;
  #merged: { readonly reading: Reading<readonly T[]>; readonly gaps: readonly Gap[] } | undefined;
  #waiters: (() => void)[] = [];

  constructor(options: WatchedKindOptions<T>) {
    this.#options = options;
    this.#reading = unknown(notReadYet(options.reader.context));
    void this.#run();
  }

  get name(): string {
    return this.#options.wanted.kind;
  }

  get reading(): Reading<readonly T[]> {
    return this.#resource === undefined ? this.#reading : this.#merge().reading;
  }

  get gaps(): readonly Gap[] {
    return this.#resource === undefined ? [] : this.#merge().gaps;
  }

  configure(scope: KindScope): void {
    if (JSON.stringify(scope) === JSON.stringify(this.#scope)) return;
    this.#scope = scope;
    this.#arrange();
    this.#judge();
  }

  /** Asks again now; resolves when that has succeeded or failed. Never rejects. */
  async refresh(): Promise<void> {
    if (this.#life.signal.aborted) return;
    if (this.#resource === undefined) {
      const settled = new Promise<void>((resolve) => this.#waiters.push(resolve));
      this.#wait.abort();
      await settled;
      return;
    }
    if (this.#isNarrow && (await this.#mayListAll(this.#resource))) {
      this.#isNarrow = false;
      this.#arrange();
    }
    await this.#refreshParts();
  }

  reconnect(): void {
    for (const { reflector } of this.#parts.values()) reflector.reconnect();
  }

  dispose(): void {
    this.#life.abort();
    this.#wait.abort();
    this.#lost?.();
    for (const { reflector } of this.#parts.values()) reflector.dispose();
    this.#settle();
  }

  async #run(): Promise<void> {
    const { discovery, wanted, clock, logger, reader } = this.#options;
    while (!this.#life.signal.aborted) {
      const began = clock.now();
      try {
        const resource = await discovery.find(wanted, this.#life.signal);
        if (this.#life.signal.aborted) return;
        await this.#follow(resource);
        discovery.forget(wanted.group);
      } catch (error) {
        if (this.#life.signal.aborted) return;
        const problem = problemFrom(error, reader.context);
        logger.debug(`${reader.context} ${wanted.kind}: ${problem.message} ${problem.cause ?? ''}`);
        // What is served no more is gone; what cannot be asked is only silent.
        this.#reading = problem.code === 'kind-not-served' ? unknown(problem) : failed(this.#reading, problem);
        this.#changed();
      }
      this.#settle();
      if (this.#life.signal.aborted) return;
      this.#wait = new AbortController();
      const wait = this.#lost !== undefined && clock.now() - began > shortMs ? 0 : retryMs * (1 + clock.random() / 2);
      this.#lost = undefined;
      try {
        await pause(clock, wait, this.#wait.signal);
      } catch (reason) {
        if (!this.#wait.signal.aborted) throw reason;
      }
    }
  }

  /** Until the version is served no more, or the end. */
  async #follow(resource: ServedResource): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#lost = resolve;
      this.#resource = resource;
      this.#arrange();
      void this.#refreshParts().then(() => this.#settle());
    });
    const { reading } = this.#merge();
    this.#reading = reading.state === 'known' ? reading : unknown(reading.problem);
    this.#resource = undefined;
    this.#arrange();
    if (!this.#life.signal.aborted) this.#changed();
  }

  /** Begins the parts that are wanted and are not there yet, and ends the others. */
  #arrange(): void {
    const { labelSelectors, namespaces } = this.#scope;
    const places: readonly Selection[] = this.#isNarrow ? namespaces.map((namespace) => ({ namespace })) : [{}];
    const wanted = new Map(
      places
        .flatMap((place) => labelSelectors.map((labelSelector) => ({ ...place, labelSelector })))
        .map((selection) => [JSON.stringify(selection), selection]),
    );
    for (const [key, { reflector }] of this.#parts) {
      if (this.#resource !== undefined && wanted.has(key)) continue;
      this.#parts.delete(key);
      reflector.dispose();
    }
    if (this.#resource === undefined) return;
    for (const [key, selection] of wanted) {
      if (this.#parts.has(key)) continue;
      const reflector = this.#reflect(this.#resource, selection);
      this.#parts.set(key, { selection, reflector });
      reflector.start();
    }
  }

  #reflect(resource: ServedResource, selection: Selection): Reflector<T> {
    const { reader, clock, logger, wanted, decode } = this.#options;
    const { group, version } = resource;
    const type = { apiVersion: group === '' ? version : `${group}/${version}`, kind: wanted.kind };
    return new Reflector<T>({
      reader,
      resource,
      selection,
      decode: (object) => decode({ ...object, ...type }),
      clock,
      logger,
      onChange: () => this.#judge(),
    });
  }

  #judge(): void {
    const reflectors = [...this.#parts.values()].map(({ reflector }) => reflector);
    if (reflectors.some(({ problem }) => problem?.code === 'kind-not-served')) this.#lost?.();
    const isRefused = reflectors.every(({ isRead, problem }) => !isRead && problem?.code === 'cluster-forbidden');
    if (isRefused && reflectors.length > 0 && !this.#isNarrow && this.#scope.namespaces.length > 0) {
      this.#isNarrow = true;
      this.#arrange();
    }
    this.#changed();
  }

  async #refreshParts(): Promise<void> {
    const wasNarrow = this.#isNarrow;
    await Promise.all([...this.#parts.values()].map(async ({ reflector }) => await reflector.refresh()));
    if (this.#isNarrow !== wasNarrow) await this.#refreshParts();
  }

  async #mayListAll(resource: ServedResource): Promise<boolean> {
    try {
      await this.#options.reader.list(resource, { limit: 1 }, this.#life.signal);
      return true;
    } catch (error) {
      if (error instanceof ProblemError || this.#life.signal.aborted) return false;
      throw error;
    }
  }

  #readings(): readonly Part<T>[] {
    return [...this.#parts.values()].map(({ selection: { namespace }, reflector }) => ({
      reading: reflector.reading,
      ...(namespace === undefined ? {} : { namespace }),
    }));
  }

  #merge(): { readonly reading: Reading<readonly T[]>; readonly gaps: readonly Gap[] } {
    this.#merged ??= mergeParts(this.#options.wanted.kind, this.#readings(), this.#options.clock.now());
    return this.#merged;
  }

  #changed(): void {
    this.#merged = undefined;
    this.#options.onChange();
  }

  #settle(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const done of waiters) done();
  }
}

function notReadYet(context: string): Problem {
  return { code: 'not-read-yet', message: `The cluster ${context} has not answered yet.` };
}

function problemFrom(error: unknown, context: string): Problem {
  if (error instanceof ProblemError) return error.problem;
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'cluster-failed', message: `Reading the cluster ${context} failed. The log has the reason.`, cause };
}
