// How a rollback or a promotion ended, derived from what can be seen: never a success before Git, policy and workload agree
// and the automation has had time to disagree.
import type { LinkName, Placement } from '../model/fleet';
import { valueOf } from '../model/reading';
import { crossingOf } from './chain';

export type Outcome =
  | { readonly state: 'on its way'; readonly waitingFor: string }
  /** Everything agrees since `since`; it counts when the calm has lasted. */
  | { readonly state: 'settling'; readonly since: number; readonly until: number }
  | { readonly state: 'held'; readonly since: number }
  | { readonly state: 'undone'; readonly commit: string; readonly by: string }
  | { readonly state: 'overtaken'; readonly tag: string }
  | { readonly state: 'failed'; readonly link: LinkName; readonly reason: string };

export interface Expectation {
  readonly tag: string;
  /** The tag that was written before, and the commit that brought it: by it a return is told from what was there all along. */
  readonly from?: string;
  readonly broughtBy?: string;
  /** When the change was made. */
  readonly since: number;
  /** How long everything must agree: the automation's interval for a rollback, 0 for a promotion. */
  readonly calmMs: number;
  /**
   * `hand`: the tag was written by hand and holds without a rule, so that what the policy selects does not count. `pin`: the
   * policy selects from the tags that Flux has stored, so that a scan that fails does not count.
   */
  readonly by?: 'hand' | 'pin';
  /** What there is another way around: its failure is not waited out. */
  readonly avoidable?: LinkName;
}

export function deriveOutcome(
  placement: Placement,
  { tag, from, broughtBy, since, calmMs, by }: Expectation,
  now: number,
): Outcome {
  const history = valueOf(placement.history) ?? [];
  const written = valueOf(placement.written)?.tag;
  const selected = valueOf(placement.selected)?.tag;
  const running = valueOf(placement.running)?.tag;
  const last = history[0];
  const before = history[1];
  if (
    last !== undefined &&
    written === from &&
    from !== undefined &&
    broughtBy !== undefined &&
    before?.to === tag &&
    last.commit.hash !== broughtBy
  ) {
    return { state: 'undone', commit: last.commit.hash, by: last.commit.author.name };
  }
  if (written !== undefined && written !== tag && written !== from && from !== undefined) {
    return { state: 'overtaken', tag: written };
  }
  const chain = by === undefined ? placement.chain : placement.chain.filter(({ name }) => !without[by].has(name));
  // The other environment's tag that is still written is what the change takes away.
  const leaving = written === tag ? undefined : crossingOf(chain);
  const failure = chain.find(
    ({ link, faults }) => link.state === 'failed' && (leaving === undefined || faults[0] !== leaving),
  );
  if (failure?.link.state === 'failed') {
    return { state: 'failed', link: failure.name, reason: `${failure.name}: ${failure.link.reason}` };
  }
  if (selected !== tag && by !== 'hand') return { state: 'on its way', waitingFor: `the policy to select ${tag}` };
  if (written !== tag) return { state: 'on its way', waitingFor: `the automation to write ${tag}` };
  const open = chain.find((link) => link.link.state !== 'done');
  if (open !== undefined) return { state: 'on its way', waitingFor: open.name };
  if (running !== tag) return { state: 'on its way', waitingFor: `the workload to run ${tag}` };
  const settledAt = Math.max(since, last?.commit.at ?? since, rolledOutAt(placement) ?? since);
  const until = settledAt + calmMs;
  return now >= until ? { state: 'held', since: settledAt } : { state: 'settling', since: settledAt, until };
}

/** Links that such a change does not need. */
const without: Readonly<Record<NonNullable<Expectation['by']>, ReadonlySet<LinkName>>> = {
  hand: new Set(['published', 'scanned', 'selected', 'written']),
  pin: new Set(['published', 'scanned']),
};

function rolledOutAt(placement: Placement): number | undefined {
  const link = placement.chain.find((one) => one.name === 'rolled out')?.link;
  return link?.state === 'done' ? link.at : undefined;
}

/** What a follower has seen unchanged since when. */
export interface Standstill {
  readonly text: string;
  readonly since: number;
}

/** Failures pass: a lost race for the branch in a second, the health check of the bad revision with its Kustomization's timeout. */
const failurePatienceMs = 10 * 60_000;
/** A registry's hiccup passes sooner. */
const avoidancePatienceMs = 30_000;
/** Longer than the usual interval of a registry's scan or of a Kustomization. */
const patienceMs = 30 * 60_000;
/** A placement is missing for a moment while its commit is read again. */
const absencePatienceMs = 30_000;

export function deriveStandstill(before: Standstill | undefined, text: string, now: number): Standstill {
  return before?.text === text ? before : { text, since: now };
}

/** Whether there is no more use in looking; `outcome` is undefined while the placement is missing. */
export function isPatienceOver(
  { since }: Standstill,
  outcome: Outcome | undefined,
  { avoidable }: Pick<Expectation, 'avoidable'>,
  now: number,
): boolean {
  return now - since >= patienceWith(outcome, avoidable);
}

function patienceWith(outcome: Outcome | undefined, avoidable: LinkName | undefined): number {
  if (outcome === undefined) return absencePatienceMs;
  if (outcome.state !== 'failed') return patienceMs;
  return outcome.link === avoidable ? avoidancePatienceMs : failurePatienceMs;
}
