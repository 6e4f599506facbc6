// Where what runs in production came from, by the digests among the facts. What was not asked yet is not told.
import type { Facts, RegistryImage } from '../model/facts';
import type { Fleet, Placement } from '../model/fleet';
import { canonicalImage } from '../model/image';
import type { AliasTag, PlacementLineage, ResolvedImage } from '../model/lineage';
import { optional } from '../model/optional';
import type { Problem } from '../model/problem';
import { problemOf, type Reading, unknown, valueOf } from '../model/reading';
import { environmentWordsOf } from './environments';
import { deriveLineage } from './lineage';
import { findLineageCandidates } from './lineageCandidates';
import { sourceOf } from './promotionSource';
import { parseTag } from './tagParts';

/** Each costs a request a minute: where names leave it open, the nearest few are asked. */
const maxCandidates = 3;
/** Builds before that are looked at for how tags are named. */
const maxEarlier = 5;

/** The tags whose digests tell a placement's lineage, and what its moving tag names. */
export interface LineageTags {
  readonly source: Placement;
  /** The image's name without tag. */
  readonly image: string;
  /** What runs. */
  readonly tag: string;
  /** By what the pods say. */
  readonly digest?: string;
  /** What it may have come from, best first; none where no name fits. */
  readonly candidates: readonly string[];
  /** The environment's own word as a tag, where the registry has it. */
  readonly alias?: string;
}

export function findLineageTags(fleet: Fleet, target: Placement, facts: Facts): LineageTags | undefined {
  const source = sourceOf(fleet, target);
  const tag = valueOf(target.running)?.tag;
  const registry = registryOf(facts, target.image);
  if (source === undefined || tag === undefined || registry === undefined) return undefined;
  const found = findLineageCandidates(tag, source, registry.tags);
  const candidates = found.slice(0, found[0]?.isExact === true ? 1 : maxCandidates).map((one) => one.tag);
  return {
    source,
    image: target.image,
    tag,
    candidates,
    ...optional('digest', valueOf(target.running)?.digest),
    ...optional('alias', aliasOf(target, registry)),
  };
}

function aliasOf({ environment }: Placement, { tags }: RegistryImage): string | undefined {
  return environmentWordsOf(environment).find((word) => tags.includes(word));
}

/** Undefined until both digests were asked: the moving one after the other, for it is moved last. */
export function deriveAlias(target: Placement, facts: Facts): AliasTag | undefined {
  const registry = registryOf(facts, target.image);
  const tag = registry && aliasOf(target, registry);
  const running = valueOf(target.running)?.tag;
  if (registry === undefined || tag === undefined || running === undefined || running === tag) return undefined;
  const [moving, own] = [registry.digests.get(tag), registry.digests.get(running)];
  if (moving?.state !== 'known' || own?.state !== 'known' || moving.at < own.at) return undefined;
  return { tag, isSame: moving.value === own.value };
}

/** `different` only where every candidate is; undefined until all digests were asked. */
export function derivePlacementLineage(fleet: Fleet, target: Placement, facts: Facts): PlacementLineage | undefined {
  const registry = registryOf(facts, target.image);
  // Names are compared only where a digest was asked for.
  const running = valueOf(target.running)?.tag;
  if (registry === undefined || running === undefined || !registry.digests.has(running)) return undefined;
  const tags = findLineageTags(fleet, target, facts);
  if (tags === undefined) return undefined;
  const { environment } = tags.source;
  if (wasThere(tags.source, target)) return { verdict: 'same', environment, source: running };
  if (tags.candidates.length === 0) {
    return isStranger(tags, target, registry.tags) ? { verdict: 'different', environment } : undefined;
  }
  const lineages = tags.candidates.flatMap((candidate) => compareTags(registry, tags, candidate) ?? []);
  const proved = lineages.find(({ verdict }) => verdict === 'same' || verdict === 'wrapped');
  if (proved !== undefined || lineages.length < tags.candidates.length) return proved;
  return lineages.find(({ verdict }) => verdict === 'unknown') ?? lineages[0];
}

/** The very tag that was tested, as a promotion by a commit writes it; unless the pods tell that it was moved in between. */
function wasThere({ running, history }: Placement, target: Placement): boolean {
  const [before, now] = [valueOf(running), valueOf(target.running)];
  if (now === undefined) return false;
  const isMoved = before?.tag === now.tag && before.digest !== now.digest && before.digest !== undefined;
  const had = [before?.tag, ...(valueOf(history) ?? []).map(({ to }) => to)];
  return had.includes(now.tag) && !(isMoved && now.digest !== undefined);
}

/**
 * Whether a build was never in the environment before: its commit is in no tag there, in the registry or in Git, though
 * earlier builds had their counterparts. Where tags are named otherwise, or Git is silent, names say nothing.
 */
function isStranger({ source, tag }: LineageTags, target: Placement, tags: readonly string[]): boolean {
  if (parseTag(tag).commit === undefined || source.history.state !== 'known') return false;
  const earlier = (valueOf(target.history) ?? []).map(({ to }) => to).filter((to) => to !== tag);
  return earlier.slice(0, maxEarlier).some((to) => findLineageCandidates(to, source, tags)[0]?.isExact === true);
}

function registryOf({ registry }: Facts, image: string): RegistryImage | undefined {
  return valueOf(registry.get(canonicalImage(image)));
}

function compareTags(
  { digests, contents }: RegistryImage,
  { source: { environment }, image, tag }: LineageTags,
  source: string,
): PlacementLineage | undefined {
  const [from, to] = [digests.get(source), digests.get(tag)];
  if (from === undefined || to === undefined) return undefined;
  if (from.state !== 'known' || to.state !== 'known') {
    return { verdict: 'unknown', environment, source, ...optional('problem', problemOf(from) ?? problemOf(to)) };
  }
  if (from.value === to.value) return { verdict: 'same', environment, source };
  // The digest may differ where the image does not: nothing is said before both were looked into.
  const side = (name: string, digest: string) => ({ tag: name, resolved: contentOf(contents, digest), pods: [] });
  const { verdict, problem } = deriveLineage({
    image,
    source: side(source, from.value),
    target: side(tag, to.value),
  });
  return { verdict, environment, source, ...optional('problem', problem) };
}

const notLookedInto: Problem = {
  code: 'not-read-yet',
  message: 'The digests differ; what the images hold is not read yet.',
};

function contentOf(contents: RegistryImage['contents'], digest: string): Reading<ResolvedImage> {
  return contents?.get(digest) ?? unknown(notLookedInto);
}
