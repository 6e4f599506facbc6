// What may be promoted: what the environment before runs, then what it had before that, each with its verdict.

import { patternOf } from '../fleet/policyPattern';
import { readTag } from '../fleet/tagParts';
import type { Facts } from '../model/facts';
import type { Fleet, PlacementId, TagParts } from '../model/fleet';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { type Preflight, preflightOf, stopOf } from './preflight';
import { stopLines } from './promotion/stopLines';
import { derivePromotionSubject } from './promotion/subject';
import type { PreflightLine } from './promotion/verdict';

export interface PromotionCandidate {
  readonly preflight: Preflight;
  readonly isRunning: boolean;
  /** Since when the environment before has, or had, it. */
  readonly since?: number;
  readonly parts: TagParts;
  /** Why it cannot be promoted. */
  readonly obstacle?: PreflightLine;
}

const shownCandidates = 20;

export function promotionCandidates(
  fleet: Fleet,
  facts: Facts,
  id: PlacementId,
  now: number,
): readonly PromotionCandidate[] {
  const subject = derivePromotionSubject(fleet, facts, id);
  if (subject === undefined) return [];
  const { source, policies } = subject;
  const running = valueOf(source.running)?.tag;
  const history = valueOf(source.history) ?? [];
  const tags = [running, valueOf(source.written)?.tag, ...history.map(({ to }) => to)];
  const stops = stopLines(subject, now);
  const patterns = policies.flatMap(({ environment, policy }) =>
    environment === source.environment ? (patternOf(policy.spec) ?? []) : [],
  );
  return [...new Set(tags)]
    .filter((tag) => tag !== undefined)
    .slice(0, shownCandidates)
    .map((tag) => {
      const preflight = preflightOf(subject, tag, stops);
      return {
        preflight,
        isRunning: tag === running,
        parts: readTag(tag, patterns),
        ...optional('since', history.find(({ to }) => to === tag)?.commit.at),
        ...optional('obstacle', stopOf(preflight)),
      };
    });
}
