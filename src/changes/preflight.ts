// The checks before a promotion, as a pure function from fleet and candidate to lines. A failed line refuses.
import type { PlacementId } from '../fleet/rows';
import type { Facts } from '../model/facts';
import type { Fleet } from '../model/fleet';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
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

/** The first line that refuses. */
export function stopOf({ lines }: Pick<Preflight, 'lines'>): PreflightLine | undefined {
  return lines.find((line) => line.verdict === 'failed');
}
