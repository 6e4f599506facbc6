// What a promotion or a rollback would do, as a value: previewed, confirmed, applied by the one writer. A plan can refuse.
import type { Commit } from '../model/facts';
import type { PlacementId } from '../model/fleet';

/** Why nothing is done, and where there is one, the way out. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly reason: string;
  readonly wayOut?: string;
}

export interface FileChange {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** One commit on the tip of the followed branch. Applying it on another tip is refused: plan again. */
export interface CommitPlan {
  readonly kind: 'commit';
  readonly title: string;
  /** The clone's folder. */
  readonly folder: string;
  readonly remote: string;
  readonly branch: string;
  /** The hash that the plan was made from. */
  readonly base: string;
  readonly changes: readonly FileChange[];
  readonly message: string;
  readonly target: PlacementId & { readonly tag: string };
  /** The tag that is taken away. */
  readonly from: string;
  /** The write-back that is undone. */
  readonly undoes?: Commit;
  /** Lines for the confirmation. */
  readonly summary: readonly string[];
  /** What the second commit of a pair waits for before it puts the markers back. */
  readonly second?: 'selected' | 'suspended';
}

export type WayName = 'exclude' | 'pin' | 'drill' | 'suspend' | 'digest' | 'write' | 'repair';

/** One way to make a rollback stick: a plan that is proved, or why it cannot be. */
export interface Way {
  readonly name: WayName;
  /** Two or three words. */
  readonly title: string;
  /** In one line: what speaks for it, or what it costs. */
  readonly reason: string;
  readonly plan: CommitPlan | Refusal;
}

/** The way that is recommended, where one holds, and the others in the order in which they are to be offered. */
export interface Ways {
  readonly kind: 'ways';
  readonly recommended?: Way & { readonly plan: CommitPlan };
  readonly others: readonly Way[];
}

/** One dispatch of a workflow with an explicit tag. */
export interface DispatchPlan {
  readonly kind: 'dispatch';
  readonly title: string;
  readonly owner: string;
  readonly repository: string;
  /** The file's name: `promote-production.yml`. */
  readonly workflow: string;
  /** The branch whose workflow file runs. */
  readonly ref: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** What the run will carry in its title, where the workflow takes it: by it the run is told from others. */
  readonly correlation?: string;
  /** Before the run: what keeps the new tag from being selected is taken away. */
  readonly first?: CommitPlan;
  readonly image: string;
  readonly source: PlacementId & { readonly tag: string; readonly digest?: string };
  readonly target: PlacementId & { readonly tag: string };
  readonly summary: readonly string[];
}

export function refuse(reason: string, wayOut?: string): Refusal {
  return { kind: 'refusal', reason, ...(wayOut === undefined ? {} : { wayOut }) };
}
