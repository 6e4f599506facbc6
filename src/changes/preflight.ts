// The checks before a promotion, as a pure function from fleet and candidate to lines. A failed line refuses.
import type { Facts } from '../model/facts';
import type { Fleet, PlacementId } from '../model/fleet';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { type Refusal, refuse } from './plan';
import { cloneLine, type OwnChanges } from './promotion/cloneLine';
import { stopLines } from './promotion/stopLines';
import { derivePromotionSubject, type PromotionSubject, targetTagOf } from './promotion/subject';
import { type CandidateTags, digestOf, tagLines } from './promotion/tagLines';
import type { PreflightLine } from './promotion/verdict';

export type { PreflightLine, Verdict } from './promotion/verdict';

export interface Preflight extends PromotionSubject {
  readonly candidate: CandidateTags;
  readonly lines: readonly PreflightLine[];
}

export interface PreflightOptions {
  /** Else what the environment before runs. */
  readonly tag?: string;
  /** What the user's clone has of its own, where it was asked. */
  readonly own?: OwnChanges | undefined;
}

/** Undefined where no environment before has the service. */
export function derivePreflight(
  fleet: Fleet,
  facts: Facts,
  id: PlacementId,
  now: number,
  { tag, own }: PreflightOptions = {},
): Preflight | undefined {
  const subject = derivePromotionSubject(fleet, facts, id);
  const running = subject && (valueOf(subject.source.running) ?? valueOf(subject.source.written));
  const chosen = tag ?? running?.tag;
  if (subject === undefined || chosen === undefined) return undefined;
  const clone = own === undefined ? [] : [cloneLine(subject, own)];
  return preflightOf(subject, chosen, [...stopLines(subject, now), ...clone]);
}

/** `stops` are the same for all candidates of a subject. */
export function preflightOf(subject: PromotionSubject, tag: string, stops: readonly PreflightLine[]): Preflight {
  const candidate = { tag, targetTag: targetTagOf(tag, subject), ...optional('digest', digestOf(subject, tag)) };
  return { ...subject, candidate, lines: [...tagLines(subject, candidate), ...stops] };
}

/** What has come up since the user agreed: a policy that was edited, a run that somebody else has started. */
export function recheck(
  { target, candidate }: Preflight,
  fleet: Fleet,
  facts: Facts,
  now: number,
): Refusal | undefined {
  const again = derivePreflight(fleet, facts, target, now, { tag: candidate.tag });
  const stop = again && stopOf(again);
  const tag = again?.candidate.targetTag;
  if (tag === candidate.targetTag && stop === undefined) return undefined;
  const moved = tag === undefined ? `${target.service} is no longer there.` : `The tag would be ${tag} now.`;
  const what = stop?.text ?? moved;
  return refuse(`${what} That has come up since you agreed, so nothing was started.`, stop?.remedy);
}

/** The first line that refuses. */
export function stopOf({ lines }: Pick<Preflight, 'lines'>): PreflightLine | undefined {
  return lines.find((line) => line.verdict === 'failed');
}
