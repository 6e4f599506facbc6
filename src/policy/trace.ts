import type { Exclusion } from './exclusion';
import type { Policer, Unfit } from './policer';

/** Why a tag is not the selected one. `by` is the rule, or the tag, that took its place. */
export type Dropped =
  | { readonly why: 'excluded'; readonly by: string }
  | { readonly why: 'unmatched' }
  | { readonly why: 'same-key'; readonly by: string }
  | { readonly why: Unfit }
  | { readonly why: 'outranked' };

export interface TagTrace {
  readonly tag: string;
  readonly isMatched: boolean;
  /** What the policy compared: the tag, or what `extract` made of it. Only with `isMatched`. */
  readonly key?: string;
  /** Missing for a tag that Flux selects or may select. */
  readonly dropped?: Dropped;
}

/** What became of every tag, in Flux's stored order. Computed when asked for. */
export type Trace = () => readonly TagTrace[];

/** What selecting found out, kept for the trace. */
export interface Steps {
  readonly exclusion: Exclusion;
  readonly policer: Policer;
  readonly keyOf: (tag: string) => string | undefined;
  /** The tag that stands for each key. */
  readonly holders: ReadonlyMap<string, string>;
  readonly chosen: ReadonlySet<string>;
}

export function traceTag(tag: string, { exclusion, policer, keyOf, holders, chosen }: Steps): TagTrace {
  const rule = exclusion.excludedBy(tag);
  if (rule !== undefined) return { tag, isMatched: false, dropped: { why: 'excluded', by: rule } };
  const key = keyOf(tag);
  if (key === undefined) return { tag, isMatched: false, dropped: { why: 'unmatched' } };
  const holder = holders.get(key);
  if (holder !== undefined && holder !== tag) {
    return { tag, isMatched: true, key, dropped: { why: 'same-key', by: holder } };
  }
  if (chosen.has(tag)) return { tag, isMatched: true, key };
  return { tag, isMatched: true, key, dropped: { why: policer.judge(key) ?? 'outranked' } };
}
