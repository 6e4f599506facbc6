// What the parts of a promotion hand to each other.
import type { CommitPlan, DispatchPlan } from '../changes/plan';
import type { PromotionIntent } from '../changes/planPromotion';
import type { Preflight } from '../changes/preflight';
import type { PlacementId } from '../model/fleet';
import type { PlacedForge } from '../sources/serviceRepository';
import type { Pages } from './pages';
import type { WriteTools } from './writePlan';

export interface PromotionTools extends WriteTools {
  readonly pages: Pages;
  /** The forge that has the service's repository. */
  readonly forgeOf: (image: string) => Promise<PlacedForge>;
  /** Asks Flux to scan the registry for a placement; where it may not be asked it is left to the interval. */
  readonly scanNow: (target: PlacementId, signal: AbortSignal) => Promise<void>;
}

/** One service of a promotion, with its own verdict and plan. */
export interface Promotion {
  readonly preflight: Preflight;
  readonly intent: PromotionIntent;
  readonly plan: DispatchPlan | CommitPlan;
}
