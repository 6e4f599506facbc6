// Follows a change until it has settled: reads the chain as it advances, writes nothing but the nudges it was given.
import * as vscode from 'vscode';
import { worstLink } from '../fleet/chain';
import { deriveOutcome, type Expectation, type Outcome } from '../fleet/outcome';
import type { PlacementId } from '../fleet/rows';
import { formatAge } from '../model/duration';
import { findPlacement } from './choose';
import { signalOf } from './signals';
import { untilSeen, type World } from './world';

export interface Following {
  readonly title: string;
  readonly target: PlacementId;
  readonly expectation: Expectation;
  /** Called once when the older tag is written: the next slow hop is the source's fetch. */
  readonly onWritten?: (signal: AbortSignal) => Promise<void>;
}

export type FinalOutcome = Exclude<Outcome, { state: 'on its way' } | { state: 'settling' } | { state: 'failed' }>;

/** Cancelling stops looking; the change itself goes on. */
export async function followChange(
  world: World,
  { title, target, expectation, onWritten }: Following,
): Promise<FinalOutcome | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const signal = signalOf(token);
    let isNudged = false;
    let last = '';
    const nudging: Promise<void>[] = [];
    const look = (): FinalOutcome | undefined => {
      const placement = findPlacement(world.fleet, target);
      if (placement === undefined) return undefined;
      const written = placement.written.state === 'unknown' ? undefined : placement.written.value?.tag;
      if (!isNudged && written === expectation.tag && onWritten !== undefined) {
        isNudged = true;
        nudging.push(onWritten(signal));
      }
      const outcome = deriveOutcome(placement, expectation, Date.now());
      const message = progressText(outcome, placement.chain);
      if (message !== last) progress.report({ message });
      last = message;
      return isFinal(outcome) ? outcome : undefined;
    };
    const outcome = await untilSeen(world, look, 1000, signal);
    await Promise.all(nudging);
    return outcome;
  });
}

function isFinal(outcome: Outcome): outcome is FinalOutcome {
  return outcome.state !== 'on its way' && outcome.state !== 'settling' && outcome.state !== 'failed';
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
