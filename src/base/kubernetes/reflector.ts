// One collection of one cluster, kept up to date: listed in pages, then watched. Whatever happens to the connection, it
// comes back by itself, and only its own reading suffers. Invariant: while started, there is always exactly one request
// under way or one timer running. It never keeps raw objects.
import type { Problem } from '../../model/problem';
import { ProblemError } from '../../model/problem';
import type { Reading } from '../../model/reading';
import { orAborted } from '../abort';
import { type Clock, elapsed, pause } from '../clock';
import { asObject, asString, type JsonObject } from '../json';
import type { Disposable } from '../lifetime';
import type { Logger } from '../logger';
import type { KubeReader, Resource, Selection, WatchEvent } from './client';
import { ClusterError, unreachable } from './clusterProblem';

export interface ReflectorOptions<T> {
  readonly reader: Pick<KubeReader, 'context' | 'list' | 'watch'>;
  readonly resource: Resource;
  /** Which part of the collection; all of it when absent. */
  readonly selection?: Selection;
  /** What is kept of an object; undefined for one that cannot be understood, which is left out and logged. */
  readonly decode: (object: JsonObject) => T | undefined;
  /** After every change of `reading`, and often: the listener coalesces. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const pageSize = 500;
/** How long the server may keep one watch, in seconds: between this and one and a half times this. */
const watchSeconds = 120;
/** A watch that is silent for this long beyond its own end is a dead socket. */
const silenceMs = 10_000;
/** Trouble shorter than this after a time of health is not shown: a VPN that reconnects, a 403 while rights are loaded. */
const graceMs = 10_000;
/** A watch that lived this long was a healthy one. */
const healthyMs = 5_000;
const longestBackOffMs = 60_000;
/** A server that was there just now and answers nothing is being restarted: it is asked often, and not for long. */
const restartMs = 300_000;
const longestRestartBackOffMs = 3_000;
/** One that answers again refuses with 403, 404, 429, 500 and 503 until it is ready: that takes seconds, and freshness waits for it. */
const startMs = 30_000;
const longestStartBackOffMs = 1_000;

interface Item<T> {
  /** Of which state it was decoded: an object with the same is the same. */
  readonly state: string | undefined;
  readonly kept: T;
}

export class Reflector<T> implements Disposable {
  readonly #options: ReflectorOptions<T>;
  readonly #life = new AbortController();
  #items = new Map<string, Item<T>>();
  #version: string | undefined;
  #snapshot: readonly T[] | undefined;
  /** The last proof of life; undefined before the first complete list. */
  #seenAt: number | undefined;
  #trouble: Problem | undefined;
  #graceTimer: Disposable | undefined;
  /** Whether the trouble began with a server that did not answer. */
  #isOut = false;
  /** Since when a server that had not answered does again, if only with refusals. */
  #answeredSince: number | undefined;
  /** Whether a 410 has been answered by a list already, and nothing has been heard since. */
  #isForgotten = false;
  /** Since when every answer has been 403. */
  #refusedSince: number | undefined;
  #failures = 0;
  #attempt: AbortController | undefined;
  #waiters: (() => void)[] = [];
  #isStarted = false;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  /** Whether there was a complete list ever; as `problem`, at no cost: both may be asked after every event. */
  get isRead(): boolean {
    return this.#seenAt !== undefined;
  }

  get problem(): Problem | undefined {
    return this.#graceTimer === undefined ? this.#trouble : undefined;
  }

  get reading(): Reading<readonly T[]> {
    const { problem } = this;
    if (this.#seenAt === undefined)
      return { state: 'unknown', problem: problem ?? notReadYet(this.#options.reader.context) };
    this.#snapshot ??= [...this.#items.values()].map(({ kept }) => kept);
    return problem === undefined
      ? { state: 'known', value: this.#snapshot, at: this.#seenAt }
      : { state: 'stale', value: this.#snapshot, at: this.#seenAt, problem };
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    void this.#run();
  }

  /** Lists again now, whatever it was waiting for; resolves when that has succeeded or failed. Never rejects. */
  async refresh(): Promise<void> {
    if (this.#life.signal.aborted) return;
    const settled = new Promise<void>((resolve) => this.#waiters.push(resolve));
    this.#version = undefined;
    this.#failures = 0;
    this.start();
    this.#attempt?.abort(refreshing);
    await settled;
  }

  /** Watches anew from where it was: after a sleep the socket may be dead without knowing it. */
  reconnect(): void {
    if (!this.#isStarted) return;
    this.#failures = 0;
    this.#attempt?.abort(reconnecting);
  }

  dispose(): void {
    this.#graceTimer?.dispose();
    this.#life.abort(new Error('disposed'));
    this.#attempt?.abort(this.#life.signal.reason);
    this.#settle();
  }

  async #run(): Promise<void> {
    while (!this.#life.signal.aborted) {
      const attempt = new AbortController();
      this.#attempt = attempt;
      try {
        if (this.#version === undefined) await this.#list(attempt.signal);
        const wait = await this.#watch(attempt);
        await pause(this.#options.clock, wait, attempt.signal);
      } catch (error) {
        if (attempt.signal.aborted && attempt.signal.reason === refreshing) {
          // An event that was already here may have named a version again.
          this.#version = undefined;
          continue;
        }
        if (this.#life.signal.aborted) return;
        if (attempt.signal.aborted && attempt.signal.reason === reconnecting) continue;
        await this.#recover(error);
      }
    }
  }

  async #recover(error: unknown): Promise<void> {
    const wait = this.#judge(error);
    this.#settle();
    const attempt = new AbortController();
    this.#attempt = attempt;
    try {
      await pause(this.#options.clock, wait, attempt.signal);
    } catch (reason) {
      if (!attempt.signal.aborted) throw reason;
    }
  }

  /** Notes the trouble and says how long to wait. */
  #judge(error: unknown): number {
    const { clock, logger, reader, resource } = this.#options;
    const status = error instanceof ClusterError ? error.status : undefined;
    const problem = error instanceof ProblemError ? error.problem : unreachable(reader.context, error).problem;
    // Another trouble than before is news: it is counted anew.
    this.#failures = this.#trouble === undefined || this.#trouble.code === problem.code ? this.#failures + 1 : 1;
    if (status === 410 && this.#version !== undefined) {
      // The server no longer remembers our version: nothing is wrong, list again.
      this.#version = undefined;
      const isFirst = !this.#isForgotten;
      this.#isForgotten = true;
      if (isFirst) return 0;
    }
    // A server that keeps refusing to watch from our version may have lost its history without saying 410.
    const isDoubtful = status !== undefined && ![401, 403, 429].includes(status) && this.#failures >= 3;
    if (status === 404 || isDoubtful) this.#version = undefined;
    if (status === undefined) {
      this.#isOut ||= problem.code === 'cluster-unreachable' || problem.code === 'timed-out';
      this.#answeredSince = undefined;
    } else if (this.#isOut) {
      this.#answeredSince ??= clock.now();
    }
    const wait = this.#waitAsked(error) ?? this.#backOff(this.#failures);
    logger.debug(
      `${reader.context} ${resource.plural}: ${problem.code}, again in ${Math.round(wait)} ms. ${problem.cause ?? ''}`,
    );
    this.#refusedSince = problem.code === 'cluster-forbidden' ? (this.#refusedSince ?? clock.now()) : undefined;
    // A server that starts knows nobody's rights for a moment: until that has passed, the trouble is what it was.
    const isNews = this.#refusedSince === undefined || clock.now() - this.#refusedSince >= graceMs;
    if (!isNews && this.#seenAt !== undefined && this.#trouble !== undefined) return wait;
    const wasHealthy = this.#trouble === undefined && this.#seenAt !== undefined;
    this.#trouble = problem;
    if (wasHealthy) {
      this.#graceTimer = clock.after(graceMs, () => {
        this.#graceTimer = undefined;
        this.#options.onChange();
      });
    } else if (this.#graceTimer === undefined) {
      this.#options.onChange();
    }
    return wait;
  }

  /** What the server asks for; but one that starts names five seconds, and is ready sooner. */
  #waitAsked(error: unknown): number | undefined {
    const { status, retryAfterMs } = error instanceof ClusterError ? error : {};
    if (retryAfterMs === undefined || status !== 503 || !this.#isStarting) return retryAfterMs;
    return Math.min(retryAfterMs, this.#backOff(this.#failures));
  }

  get #isStarting(): boolean {
    return this.#answeredSince !== undefined && elapsed(this.#options.clock, this.#answeredSince) < startMs;
  }

  #backOff(count: number): number {
    const { clock } = this.#options;
    const full = Math.min(this.#longestBackOffMs(), 1000 * 2 ** Math.min(count - 1, 10));
    return full * (0.5 + clock.random() / 2);
  }

  #longestBackOffMs(): number {
    const { clock } = this.#options;
    if (this.#isStarting) return longestStartBackOffMs;
    const isRestarting = this.#isOut && this.#seenAt !== undefined && elapsed(clock, this.#seenAt) < restartMs;
    return isRestarting && this.#answeredSince === undefined ? longestRestartBackOffMs : longestBackOffMs;
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { reader, resource, selection } = this.#options;
    const items = new Map<string, Item<T>>();
    let next: string | undefined;
    let limit = pageSize;
    for (;;) {
      let page: Awaited<ReturnType<KubeReader['list']>>;
      try {
        page = await reader.list(resource, { ...selection, limit, next }, signal);
      } catch (error) {
        // The token of the next page has expired: take everything in one answer, as client-go does.
        if (next === undefined || !(error instanceof ClusterError) || error.status !== 410) throw error;
        items.clear();
        next = undefined;
        limit = 0;
        continue;
      }
      signal.throwIfAborted();
      for (const raw of page.items) this.#keep(items, asObject(raw));
      next = page.next;
      if (next !== undefined) continue;
      this.#items = items;
      this.#version = page.resourceVersion;
      this.#alive();
      this.#changed();
      this.#settle();
      return;
    }
  }

  /** Follows the watch to its end; the time to wait before the next one. */
  async #watch(attempt: AbortController): Promise<number> {
    const { clock, reader, resource, selection } = this.#options;
    const started = clock.now();
    const timeoutSeconds = Math.round(watchSeconds * (1 + clock.random() / 2));
    let idle: Disposable | undefined;
    const listen = (): void => {
      idle?.dispose();
      idle = clock.after(timeoutSeconds * 1000 + silenceMs, () =>
        attempt.abort(unreachable(reader.context, new Error('nothing was heard for too long'))),
      );
    };
    listen();
    try {
      const start = { ...selection, resourceVersion: this.#version ?? '', timeoutSeconds };
      const events = await reader.watch(resource, start, attempt.signal);
      this.#alive();
      for await (const event of untilAborted(events, attempt.signal)) {
        listen();
        this.#apply(event);
        this.#failures = 0;
        this.#isForgotten = false;
      }
    } finally {
      idle?.dispose();
      if (clock.now() - started >= healthyMs) this.#failures = 0;
    }
    if (clock.now() - started >= healthyMs) return clock.random() * 1000;
    // Accepted and closed at once: a server that is going down, or that does this always.
    this.#failures += 1;
    return this.#backOff(this.#failures);
  }

  #apply(event: WatchEvent): void {
    if (event.type === 'ERROR') throw event.error;
    const version = asString(asObject(event.object['metadata'])?.['resourceVersion']);
    if (version !== undefined) this.#version = version;
    if (event.type === 'DELETED') this.#items.delete(keyOf(event.object));
    else if (event.type !== 'BOOKMARK') this.#keep(this.#items, event.object);
    this.#alive();
    if (event.type !== 'BOOKMARK') this.#changed();
  }

  /** An object that is listed again as it was stays the very same: whatever was derived from it stands. */
  #keep(items: Map<string, Item<T>>, object: JsonObject | undefined): void {
    if (object === undefined) return;
    const key = keyOf(object);
    const state = stateOf(object);
    const before = this.#items.get(key);
    if (before !== undefined && state !== undefined && before.state === state) {
      items.set(key, before);
      return;
    }
    const decoded = this.#options.decode(object);
    if (decoded === undefined) {
      this.#options.logger.warn(
        `${this.#options.reader.context}: ${this.#options.resource.plural} ${key} cannot be understood`,
      );
      items.delete(key);
    } else {
      items.set(key, { state, kept: decoded });
    }
  }

  #alive(): void {
    this.#isOut = false;
    this.#answeredSince = undefined;
    this.#refusedSince = undefined;
    this.#seenAt = this.#options.clock.now();
    this.#graceTimer?.dispose();
    this.#graceTimer = undefined;
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#options.onChange();
  }

  #changed(): void {
    this.#snapshot = undefined;
    this.#options.onChange();
  }

  #settle(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}

const refreshing = new Error('refreshing');
const reconnecting = new Error('reconnecting');

function notReadYet(context: string): Problem {
  return { code: 'not-read-yet', message: `The cluster ${context} has not answered yet.` };
}

function keyOf(object: JsonObject): string {
  const meta = asObject(object['metadata']);
  return `${asString(meta?.['namespace']) ?? ''}/${asString(meta?.['name']) ?? ''}`;
}

/** Two states of one object differ in their version, and two objects of one name in their uid; undefined where it tells neither. */
function stateOf(object: JsonObject): string | undefined {
  const meta = asObject(object['metadata']);
  const version = asString(meta?.['resourceVersion']);
  return version === undefined ? undefined : `${asString(meta?.['uid']) ?? ''} ${version}`;
}

/** Ends with the signal even where the source is deaf: a half-open socket never says anything again. */
async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await orAborted(iterator.next(), signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    if (!signal.aborted) await iterator.return?.();
  }
}
