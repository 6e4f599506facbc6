// What a way would write, before it is proved: whole new texts of files, and what Flux must make of them.
import type { CommitPlan, Refusal } from '../plan';
import type { Situation } from './situation';

export interface Draft {
  readonly kind: 'draft';
  /** New texts by path. */
  readonly files: ReadonlyMap<string, string>;
  /** The tag that the policy must select afterwards; absent where the selection stays as it is. */
  readonly selects?: string;
  /** The first line for the confirmation, and the commit's own paragraph. */
  readonly does: string;
  readonly summary: readonly string[];
  /** `Flux-Promote-…: value`. */
  readonly trailers?: readonly string[];
  readonly second?: CommitPlan['second'];
}

/** What one way of making a rollback stick writes, or why it cannot. */
export type DraftOf = (situation: Situation) => Draft | Refusal;
