// The world as the editor sees it: the observer's latest facts and the fleet derived from them, once per change.
import { orAborted } from '../base/abort';
import { deriveFleet } from '../fleet/deriveFleet';
import { fleetMemory } from '../fleet/fleetMemory';
import type { PlacementsOf } from '../fleet/rememberPlacements';
import type { Facts, WorkflowRun } from '../model/facts';
import type { Fleet } from '../model/fleet';
import type { ResolvedImage } from '../model/lineage';

/** The part of the observer that the editor needs. */
export interface FactsSource {
  readonly facts: Facts;
  onDidChange(listener: () => void): { dispose(): void };
  refresh(signal: AbortSignal): Promise<void>;
  /** Whoever looks or waits holds one: only then are the sources kept fresh. */
  interest(): { dispose(): void };
  /** The timeline with this `historyKey`, ahead of the others of its clone. */
  readHistory(folder: string, key: string, signal: AbortSignal): Promise<void>;
  /** What a tag is now; stands among the facts afterwards. */
  readDigest(image: string, tag: string, signal: AbortSignal): Promise<string>;
  /** Whether the registry has a tag by now; stands among the facts afterwards. */
  readTag(image: string, tag: string, signal: AbortSignal): Promise<boolean>;
  /** What a tag or digest holds; stands among the facts afterwards. */
  readImage(image: string, reference: string, signal: AbortSignal): Promise<ResolvedImage>;
  /** The runs of a service's repository; stand among the facts afterwards. */
  readRuns(image: string, signal: AbortSignal): Promise<readonly WorkflowRun[]>;
  /** A run with its steps; stands among the facts afterwards. */
  readRun(image: string, id: number, signal: AbortSignal): Promise<WorkflowRun>;
}

export interface World extends FactsSource {
  readonly fleet: Fleet;
  /** Remembered from one reading of the files to the next. */
  readonly placementsOf: PlacementsOf;
}

export function watchWorld(source: FactsSource): World {
  const memory = fleetMemory();
  // The observer's newest refresh cancels the one before; two commands that both ask would cancel each other.
  let refreshing: Promise<void> = Promise.resolve();
  let derived: { readonly facts: Facts; readonly fleet: Fleet } | undefined;
  return {
    get facts() {
      return source.facts;
    },
    placementsOf: memory.placementsOf,
    get fleet() {
      if (derived?.facts !== source.facts) derived = { facts: source.facts, fleet: deriveFleet(source.facts, memory) };
      return derived.fleet;
    },
    onDidChange: (listener) => source.onDidChange(listener),
    refresh: async (signal) => {
      const before = refreshing;
      const mine = (async () => {
        await before;
        signal.throwIfAborted();
        await source.refresh(signal);
      })();
      refreshing = mine.catch(() => undefined);
      await orAborted(mine, signal);
    },
    interest: () => source.interest(),
    readHistory: (folder, key, signal) => source.readHistory(folder, key, signal),
    readDigest: (image, tag, signal) => source.readDigest(image, tag, signal),
    readTag: (image, tag, signal) => source.readTag(image, tag, signal),
    readImage: (image, reference, signal) => source.readImage(image, reference, signal),
    readRuns: (image, signal) => source.readRuns(image, signal),
    readRun: (image, id, signal) => source.readRun(image, id, signal),
  };
}

/** Asks `look` now, at every change and at least every `everyMs`, until it answers. */
export async function untilSeen<T>(
  world: World,
  look: () => T | undefined,
  everyMs: number,
  signal: AbortSignal,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const finish = (end: () => void): void => {
      clearInterval(timer);
      subscription.dispose();
      signal.removeEventListener('abort', stop);
      end();
    };
    const stop = (): void => finish(() => reject(signal.reason));
    const tryOnce = (): void => {
      try {
        const seen = look();
        if (seen !== undefined) finish(() => resolve(seen));
      } catch (error) {
        finish(() => reject(error));
      }
    };
    const subscription = world.onDidChange(tryOnce);
    const timer = setInterval(tryOnce, everyMs);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    else tryOnce();
  });
}
