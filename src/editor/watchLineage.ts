// Keeps the digests known that tell where production's images came from: while somebody looks, once a minute each, and
// not for more placements a minute than a registry would bear with.
import type { Clock } from '../base/clock';
import type { Logger } from '../base/logger';
import { wordsOf } from '../base/redact';
import { findLineageTags, type LineageTags } from '../fleet/placementLineage';
import type { Placement } from '../model/fleet';
import { canonicalImage } from '../model/image';
import { ProblemError } from '../model/problem';
import { valueOf } from '../model/reading';
import type { World } from './world';

export interface LineageWatchOptions {
  readonly world: World;
  readonly isLooking: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface LineageWatch {
  /** To be called when somebody begins to look; changes of the world are followed by themselves. */
  look(): void;
  dispose(): void;
}

interface Look {
  readonly at: number;
  /** Whether there was anything to ask. */
  readonly hasAsked: boolean;
}

const ageMs = 60_000;
const maxPerAge = 20;

export function watchLineage({ world, isLooking, clock, logger }: LineageWatchOptions): LineageWatch {
  const life = new AbortController();
  let looked: ReadonlyMap<string, Look> = new Map();
  let isBusy = false;

  const nextDue = (): LineageTags | undefined => {
    const { fleet, facts } = world;
    const production = fleet.environments.filter(({ isProduction }) => isProduction);
    const placements = new Map(production.flatMap((one) => one.placements).map((one) => [keyOf(one), one]));
    const isRecent = (look: Look | undefined): boolean => look !== undefined && clock.now() - look.at < ageMs;
    looked = new Map([...looked].filter(([key, look]) => placements.has(key) || isRecent(look)));
    if ([...looked.values()].filter((look) => look.hasAsked && isRecent(look)).length >= maxPerAge) return undefined;
    const due = [...placements].filter(
      ([key, { image }]) => !isRecent(looked.get(key)) && facts.registry.get(canonicalImage(image))?.state === 'known',
    );
    for (const [key, placement] of due.toSorted(([a], [b]) => (looked.get(a)?.at ?? 0) - (looked.get(b)?.at ?? 0))) {
      const tags = findLineageTags(fleet, placement, facts);
      looked = new Map([...looked, [key, { at: clock.now(), hasAsked: tags !== undefined }]]);
      if (tags !== undefined) return tags;
    }
    return undefined;
  };
  const readDue = async (): Promise<void> => {
    for (;;) {
      const tags = isLooking() && !life.signal.aborted ? nextDue() : undefined;
      if (tags === undefined) return;
      try {
        await readLineageFacts(world, tags, life.signal);
      } catch (error) {
        // It stands among the facts, beside the digest that is missing.
        if (!(error instanceof ProblemError)) throw error;
      }
    }
  };
  const look = (): void => {
    if (isBusy || !isLooking()) return;
    isBusy = true;
    readDue()
      .catch((error: unknown) => {
        if (!life.signal.aborted) logger.error(wordsOf(error));
      })
      .finally(() => {
        isBusy = false;
      });
  };
  const subscription = world.onDidChange(look);
  return {
    look,
    dispose: () => {
      life.abort();
      subscription.dispose();
    },
  };
}

function keyOf({ service, environment, running }: Placement): string {
  return `${environment}/${service}@${valueOf(running)?.tag ?? ''}`;
}

/** As few questions as will do: what tags hold is looked into only where their digests differ. */
async function readLineageFacts(
  world: World,
  { image, tag, digest: running, candidates, alias }: LineageTags,
  signal: AbortSignal,
): Promise<void> {
  const digest = await world.readDigest(image, tag, signal);
  if (alias !== undefined) await world.readDigest(image, alias, signal);
  // The pods may say a platform's digest where the registry says the index's.
  if (running !== undefined && running !== digest) await world.readImage(image, digest, signal);
  for (const candidate of candidates) {
    const other = await world.readDigest(image, candidate, signal);
    if (other === digest) return;
    await world.readImage(image, digest, signal);
    await world.readImage(image, other, signal);
  }
}
