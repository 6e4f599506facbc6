// Which tag of the environment before a build was promoted from, as far as its name tells. Digests then prove it.
import type { Placement, TagParts } from '../model/fleet';
import { valueOf } from '../model/reading';
import { environmentWordsOf } from './environments';
import { parseTag } from './tagParts';

export interface LineageCandidate {
  readonly tag: string;
  /** Every part that the promoted tag has is the same: a retag of it cannot come from another build. */
  readonly isExact: boolean;
  /** `same version, commit and time` */
  readonly why: string;
}

const partNames = { commit: 'commit', version: 'version', builtAt: 'time' } as const;
type PartName = keyof typeof partNames;
/** Commit before version before time: a time alone is chance, a commit never is. */
const order: readonly PartName[] = ['commit', 'version', 'builtAt'];

/** Tags of `source` that may be the build that runs as `tag` elsewhere, best first; `tags` is what the registry has. */
export function findLineageCandidates(
  tag: string,
  source: Placement,
  tags: readonly string[],
): readonly LineageCandidate[] {
  const parts = parseTag(tag);
  const needles = [parts.commit, parts.version].filter((part) => part !== undefined);
  const words = new Set(environmentWordsOf(source.environment));
  const own = new Set((valueOf(source.history) ?? []).map(({ to }) => to));
  const running = valueOf(source.running)?.tag;
  if (running !== undefined) own.add(running);
  // Ten thousand tags are not taken apart for every placement at every change.
  const named = tags.filter(
    (one) =>
      (needles.length === 0 || needles.some((needle) => one.includes(needle))) &&
      one.split(/[-_.+]/).some((token) => words.has(token.toLowerCase())),
  );
  return [...new Set([...own, ...named])]
    .filter((one) => one !== tag)
    .map((one) => ({ tag: one, other: parseTag(one) }))
    .map(({ tag: one, other }) => ({ tag: one, other, same: order.filter((name) => isSame(parts, other, name)) }))
    .filter(({ other, same }) => same.length > 0 && isPossible(parts, other, same))
    .toSorted(
      (a, b) =>
        weightOf(b.same) - weightOf(a.same) ||
        distance(parts, a.other) - distance(parts, b.other) ||
        (a.tag < b.tag ? 1 : -1),
    )
    .map(({ tag: one, same }) => ({
      tag: one,
      isExact: order.every((name) => parts[name] === undefined || same.includes(name)),
      why: `same ${listWords(same.map((name) => partNames[name]))}`,
    }));
}

function isSame(a: TagParts, b: TagParts, name: PartName): boolean {
  return a[name] !== undefined && a[name] === b[name];
}

/** Another commit is another build; without commits another version is. */
function isPossible(a: TagParts, b: TagParts, same: readonly PartName[]): boolean {
  const differs = (name: 'commit' | 'version'): boolean =>
    a[name] !== undefined && b[name] !== undefined && a[name] !== b[name];
  return !differs('commit') && (same.includes('commit') || !differs('version'));
}

function weightOf(same: readonly PartName[]): number {
  return same.reduce((sum, name) => sum + 2 ** (order.length - order.indexOf(name)), 0);
}

function distance({ builtAt = 0 }: TagParts, other: TagParts): number {
  return Math.abs(builtAt - (other.builtAt ?? 0));
}

function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
