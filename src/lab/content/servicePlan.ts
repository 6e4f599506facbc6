import { type Environment, type Service } from './names';
import { between, seededRandom } from './random';
import { changes } from './serviceFiles';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Which of a service's changes went further than develop; the last one of staging waits to be promoted. */
const course: Readonly<
  Record<
    Service,
    { readonly startDaysAgo: number; readonly staging: readonly number[]; readonly production: readonly number[] }
  >
> = {
  backend: { startDaysAgo: 58, staging: [0, 2, 3, 5, 7, 8, 10], production: [0, 3, 5, 8] },
  frontend: { startDaysAgo: 56.7, staging: [1, 2, 4, 6, 8, 10], production: [1, 4, 8] },
};

/** The second promotion of both services was one action, which Flux wrote back in one commit. */
const jointPromotion = 1;

export interface PlannedBuild {
  readonly environment: Environment;
  /** Index of the change. */
  readonly change: number;
  /** Milliseconds since 1970, full seconds: it becomes part of the tag. */
  readonly at: number;
}

export interface PlannedPromotion {
  readonly change: number;
  readonly at: number;
}

export interface ServicePlan {
  readonly service: Service;
  /** When each change was committed, first to last. */
  readonly changesAt: readonly number[];
  /** For develop and staging, in the order of time. */
  readonly builds: readonly PlannedBuild[];
  readonly promotions: readonly PlannedPromotion[];
}

export interface PlanInput {
  /** Milliseconds since 1970; nothing in the plan is later. */
  readonly now: number;
  readonly seed: string;
}

/** When each service was changed, built and promoted, over the two months before `now`. */
export function planServices(input: PlanInput): Readonly<Record<Service, ServicePlan>> {
  const backend = planService('backend', input);
  const frontend = planService('frontend', input);
  const jointAt = Math.max(...[backend, frontend].map((plan) => plan.promotions[jointPromotion]?.at ?? 0));
  return { backend: promoteJointly(backend, jointAt), frontend: promoteJointly(frontend, jointAt) };
}

function planService(service: Service, { now, seed }: PlanInput): ServicePlan {
  const random = seededRandom(`${seed}/${service}`);
  const { startDaysAgo, staging, production } = course[service];
  const count = changes[service].length;
  const step = ((startDaysAgo - 6) * day) / (count - 3);
  const toSecond = (at: number) => Math.floor(at / 1000) * 1000;
  const changesAt = changes[service].map((_, index) => {
    if (index === count - 1) {
      return toSecond(now - between(random, 100, 160) * minute);
    }
    if (index === count - 2) {
      return toSecond(now - between(random, 26, 30) * hour);
    }
    return toSecond(
      now - startDaysAgo * day + index * step + between(random, -300, 300) * minute + between(random, 0, 59_000),
    );
  });
  const builds: PlannedBuild[] = [];
  const promotions: PlannedPromotion[] = [];
  for (const [change, at] of changesAt.entries()) {
    const developAt = toSecond(at + between(random, 150_000, 400_000));
    builds.push({ environment: 'develop', change, at: developAt });
    const stagingAt = toSecond(developAt + between(random, 20 * minute, 90 * minute));
    if (staging.includes(change)) {
      builds.push({ environment: 'staging', change, at: stagingAt });
    }
    const promotedAt = toSecond(stagingAt + between(random, 4 * hour, 28 * hour));
    if (production.includes(change)) {
      promotions.push({ change, at: promotedAt });
    }
  }
  return { service, changesAt, builds, promotions };
}

function promoteJointly(plan: ServicePlan, at: number): ServicePlan {
  return {
    ...plan,
    promotions: plan.promotions.map((promotion, index) =>
      index === jointPromotion ? { ...promotion, at } : promotion,
    ),
  };
}

/** The workflow records the release some seconds after it copied the image. */
export function releasedAt({ at }: PlannedPromotion): number {
  return at + 9_000;
}
