// Follows a change until it has settled: reads the chain as it advances, writes nothing but the nudges it was given.
import * as vscode from 'vscode';
import { worstLink } from '../fleet/chain';
import {
  deriveOutcome,
  deriveStandstill,
  type Expectation,
  isPatienceOver,
  type Outcome,
  type Standstill,
} from '../fleet/outcome';
import { deliveryLateness } from '../fleet/usual';
import { formatAge } from '../model/duration';
import type { Placement, PlacementId } from '../model/fleet';
import { ProblemError } from '../model/problem';
import { valueOf } from '../model/reading';
import { findPlacement } from './choose';
import { isCancelled, type Reporter } from './report';
import { signalOf } from './signals';
import { untilSeen, type World } from './world';

export interface Following {
  readonly title: string;
  readonly target: PlacementId;
  readonly expectation: Expectation;
  /** Called once when the tag is written: the next slow hop is the source's fetch. */
  readonly onWritten?: (signal: AbortSignal) => Promise<void>;
  /** What is done once on the way; there is no success before it. */
  readonly step?: Step;
  /** Whether whoever could undo the change has had its turn since then; there is no success before it. */
  readonly isProven?: (since: number) => boolean;
}

export interface Step {
  readonly isDue: (placement: Placement) => boolean;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** `unknown`: nothing moves any more, or the placement is gone. */
export type FinalOutcome =
  | Exclude<Outcome, { state: 'on its way' } | { state: 'settling' }>
  | { readonly state: 'unknown'; readonly reason: string };

/** Ends with a verdict, or when there is no more use in looking. Cancelling stops looking; the change itself goes on. */
export async function followChange(
  world: World,
  { title, target, expectation, onWritten, step, isProven = () => true }: Following,
): Promise<FinalOutcome> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const signal = signalOf(token);
    const open = new Set<Step>();
    if (onWritten !== undefined) {
      open.add({ isDue: ({ written }) => valueOf(written)?.tag === expectation.tag, run: onWritten });
    }
    if (step !== undefined) open.add(step);
    let standstill: Standstill | undefined;
    let said = '';
    const running: Promise<void>[] = [];
    const look = (): FinalOutcome | undefined => {
      const now = Date.now();
      const placement = findPlacement(world.fleet, target);
      for (const one of open) {
        if (placement === undefined || !one.isDue(placement)) continue;
        open.delete(one);
        running.push(one.run(signal));
      }
      const outcome = placement && deriveOutcome(placement, expectation, now);
      const text =
        placement === undefined || outcome === undefined
          ? `${target.service} is not in ${target.environment} any more`
          : progressText(outcome, placement.chain);
      const isOnItsWay = placement !== undefined && outcome?.state === 'on its way';
      const late = isOnItsWay ? deliveryLateness(world.facts, placement, expectation, now) : '';
      if (`${text}${late}` !== said) progress.report({ message: `${text}${late}` });
      said = `${text}${late}`;
      standstill = deriveStandstill(standstill, text, now);
      const isEarly = outcome?.state === 'held' && ((step !== undefined && open.has(step)) || !isProven(outcome.since));
      if (outcome !== undefined && isVerdict(outcome) && !isEarly) return outcome;
      if (!isPatienceOver(standstill, outcome, expectation, now)) return undefined;
      return outcome?.state === 'failed' ? outcome : { state: 'unknown', reason: text };
    };
    const outcome = await untilSeen(world, look, 1000, signal);
    await Promise.all(running);
    return outcome;
  });
}

type Verdict = Exclude<Outcome, { state: 'on its way' } | { state: 'settling' } | { state: 'failed' }>;

function isVerdict(outcome: Outcome): outcome is Verdict {
  return outcome.state !== 'on its way' && outcome.state !== 'settling' && outcome.state !== 'failed';
}

/** What every other end than success is called, for the message. */
export function endText(outcome: Exclude<FinalOutcome, { state: 'held' }>): string {
  if (outcome.state === 'undone') return `It was undone by ${outcome.commit.slice(0, 7)} (${outcome.by}).`;
  if (outcome.state === 'overtaken') return `It was overtaken: ${outcome.tag} is written now.`;
  const what = outcome.state === 'failed' ? 'It does not arrive' : 'Unknown: nothing has moved for a while';
  return `${what}: ${outcome.reason}. It is not watched any more; the Environments view shows how it goes on.`;
}

/** What was written stays written: whoever stops looking, or cannot look on, is told so; undefined then. `written` is a whole sentence. */
export async function afterWriting<T>(
  written: string,
  reporter: Reporter,
  follow: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await follow();
  } catch (error) {
    if (isCancelled(error)) reporter.done(`${written} It goes on without being watched.`);
    else if (error instanceof ProblemError) {
      reporter.warned(`${written} It is not watched any more: ${error.problem.message}`);
    } else throw error;
    return undefined;
  }
}

function progressText(outcome: Outcome, chain: Parameters<typeof worstLink>[0]): string {
  switch (outcome.state) {
    case 'on its way': {
      const open = worstLink(chain);
      const why = open !== undefined && 'reason' in open.link ? ` (${open.link.reason})` : '';
      return `waiting for ${outcome.waitingFor}${why}`;
    }
    case 'settling':
      return `everything agrees; watching for ${formatAge(outcome.until - Date.now())} more whether it is undone`;
    case 'failed':
      return outcome.reason;
    default:
      return outcome.state;
  }
}
