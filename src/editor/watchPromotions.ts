// Keeps fresh what a promotion waits for outside the cluster, while somebody looks: its run at the forge, its new tag at the
// registry, each by one request in five seconds. It does not matter who started it, or whether that window is still open.
import type { Clock } from '../base/clock';
import type { Disposable } from '../base/lifetime';
import type { Logger } from '../base/logger';
import { wordsOf } from '../base/redact';
import { isInFlight } from '../fleet/promotionRuns';
import { canonicalImage } from '../model/image';
import { ProblemError } from '../model/problem';
import { valueOf } from '../model/reading';
import type { World } from './world';

export interface PromotionWatchOptions {
  readonly world: World;
  readonly isLooking: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface PromotionWatch extends Disposable {
  /** To be called when somebody begins to look; changes of the world are followed by themselves. */
  look(): void;
}

const everyMs = 5_000;

type Question = (signal: AbortSignal) => Promise<unknown>;

export function watchPromotions({ world, isLooking, clock, logger }: PromotionWatchOptions): PromotionWatch {
  const life = new AbortController();
  let timer: Disposable | undefined;
  const ask = async (): Promise<void> => {
    await Promise.all(
      openQuestions(world).map(async (question) => {
        try {
          await question(life.signal);
        } catch (error) {
          // A forge or registry that is silent now is asked again; what it last said stands.
          if (!(error instanceof ProblemError)) throw error;
          logger.debug(error.problem.message);
        }
      }),
    );
  };
  const look = (): void => {
    if (timer !== undefined || life.signal.aborted || !isLooking() || openQuestions(world).length === 0) return;
    timer = clock.after(everyMs, () => {
      (isLooking() ? ask() : Promise.resolve())
        .catch((error: unknown) => {
          if (!life.signal.aborted) logger.error(wordsOf(error));
        })
        .finally(() => {
          timer = undefined;
          look();
        });
    });
  };
  const subscription = world.onDidChange(look);
  return {
    look,
    dispose: () => {
      life.abort();
      timer?.dispose();
      subscription.dispose();
    },
  };
}

/** One for each run in flight, and for each tag that a run has promised and the registry has not shown yet. */
function openQuestions(world: World): readonly Question[] {
  const placements = world.fleet.environments.flatMap((environment) => environment.placements);
  const questions = new Map<string, Question>();
  for (const { image, run, promised } of placements) {
    if (run !== undefined && isInFlight(run)) {
      questions.set(run.url, (signal) => world.readRun(image, run.id, signal));
    }
    const registry = valueOf(world.facts.registry.get(canonicalImage(image)));
    if (promised !== undefined && registry !== undefined && !registry.tags.includes(promised)) {
      questions.set(`${image}:${promised}`, (signal) => world.readTag(image, promised, signal));
    }
  }
  return [...questions.values()];
}
