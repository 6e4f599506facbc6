// What keeps the automation from writing what it would otherwise select: found in Git and in the cluster, ours or not.
import { defaultExclusionList } from '../manifests/fluxObjects';
import { pinOf } from '../manifests/pin';
import type { RepositoryFacts } from '../model/facts';
import { lineKey } from '../model/facts';
import type { Hold, HoldPlace } from '../model/fleet';
import type { FluxKind, ImagePolicy, ImageRepository, ObjectReference } from '../model/flux';
import type { DeclaredObject } from '../model/manifest';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { select } from '../policy/select';
import { lineAt, pinPath } from './heldLines';
import type { LiveObjects } from './liveObjects';
import type { DeclaredPlacement } from './placements';
import { reasonOf } from './trailers';
import { writerOf } from './writerOf';

export interface HoldScope {
  readonly placement: DeclaredPlacement;
  readonly live: LiveObjects;
  readonly repository: RepositoryFacts;
  /** In the registry. */
  readonly tags: readonly string[];
  readonly fluxVersion: string;
}

export function deriveHolds(scope: HoldScope): readonly Hold[] {
  const { placement, live } = scope;
  const policy = valueOf(live.policy) ?? placement.policy?.object;
  const list = valueOf(live.imageRepository) ?? placement.imageRepository?.object;
  const automation = valueOf(live.automation) ?? placement.automation?.object;
  return [
    ...(policy === undefined || list === undefined ? [] : excludedHolds(scope, policy, list)),
    ...(policy === undefined ? [] : pinnedHolds(scope, policy, list)),
    ...suspendedHolds(scope, placement.automation, automation),
    ...suspendedHolds(scope, placement.policy, policy),
    ...suspendedHolds(scope, placement.imageRepository, list),
    ...unmarkedHolds(scope),
  ];
}

function excludedHolds(scope: HoldScope, policy: ImagePolicy, list: ImageRepository): readonly Hold[] {
  const tags = excludedTags(policy, list, scope.tags, scope.fluxVersion);
  const [best] = tags;
  if (best === undefined) return [];
  const declared = scope.placement.imageRepository;
  const at = declared?.object.exclusionList.findIndex((pattern) => isExcludedBy(policy, pattern, best, scope)) ?? -1;
  const hold = {
    kind: 'excluded',
    text: `${tags.join(', ')} ${tags.length === 1 ? 'is' : 'are'} excluded from selection by the ImageRepository`,
    object: refer(list),
    tags,
  } as const;
  return [withOrigin(scope, hold, at < 0 ? undefined : placeIn(scope, declared, ['spec', 'exclusionList', at]))];
}

function isExcludedBy({ spec }: ImagePolicy, pattern: string, tag: string, { fluxVersion: flux }: HoldScope): boolean {
  return !defaultExclusionList.includes(pattern) && select(spec, [tag], { exclude: [pattern], flux }).kind !== 'tag';
}

/** Tags that the policy would select one after the other if the exclusions beyond Flux's default were lifted. */
function excludedTags(
  { spec }: ImagePolicy,
  { exclusionList }: ImageRepository,
  tags: readonly string[],
  flux: string,
): readonly string[] {
  const extra = exclusionList.filter((pattern) => !defaultExclusionList.includes(pattern));
  if (extra.length === 0) return [];
  const kept = select(spec, tags, { exclude: exclusionList, flux });
  const winner = kept.kind === 'tag' ? kept.tag : undefined;
  const found: string[] = [];
  let rest = tags;
  while (found.length <= extra.length) {
    const free = select(spec, rest, { exclude: defaultExclusionList, flux });
    if (free.kind !== 'tag' || free.tag === winner) return found;
    found.push(free.tag);
    rest = rest.filter((tag) => tag !== free.tag);
  }
  return found;
}

function pinnedHolds(scope: HoldScope, policy: ImagePolicy, list: ImageRepository | undefined): readonly Hold[] {
  const pin = pinOf(policy);
  if (pin === undefined) return [];
  const exclude = list?.exclusionList ?? defaultExclusionList;
  const chosen = select(policy.spec, scope.tags, { exclude, flux: scope.fluxVersion });
  const tag = pin.tag ?? (chosen.kind === 'tag' ? chosen.tag : undefined);
  const isGone = tag !== undefined && scope.tags.length > 0 && !scope.tags.includes(tag);
  const name = `${policy.meta.namespace}/${policy.meta.name}`;
  const hold = {
    kind: 'pinned',
    text: `ImagePolicy ${name} is pinned to ${tag ?? pin.version}${isGone ? ', which is not in the registry any more' : ''}`,
    object: refer(policy),
    tags: tag === undefined ? [] : [tag],
  } as const;
  const declared = scope.placement.policy;
  const isDeclared = declared !== undefined && pinOf(declared.object) !== undefined;
  return [withOrigin(scope, hold, isDeclared ? placeIn(scope, declared, pinPath(declared.object)) : undefined)];
}

function suspendedHolds(
  scope: HoldScope,
  declared: DeclaredObject | undefined,
  object: FluxKind | undefined,
): readonly Hold[] {
  if (object?.isSuspended !== true) return [];
  const { kind, meta } = object;
  const writer = writerOf(meta, 'spec.suspend');
  const isDeclared = declared?.object.isSuspended === true;
  const hold = {
    kind: 'suspended',
    text: `${kind} ${meta.namespace}/${meta.name} is suspended${kind === 'ImageUpdateAutomation' ? '' : ' (its last answer is still written)'}`,
    object: refer(object),
    tags: [],
    // Not by a condition: whatever is suspended reports nothing any more.
    ...optional('since', writer?.at),
    ...(isDeclared ? {} : optional('manager', writer?.manager)),
  } as const;
  return [withOrigin(scope, hold, isDeclared ? placeIn(scope, declared, ['spec', 'suspend']) : undefined)];
}

function unmarkedHolds(scope: HoldScope): readonly Hold[] {
  const { marker, origin, policy } = scope.placement;
  if (marker !== undefined || origin === undefined || policy === undefined) return [];
  const { namespace, name } = policy.object.meta;
  const hold = {
    kind: 'unmarked',
    text: `The tag has no marker for ImagePolicy ${namespace}/${name}, so nothing writes it`,
    object: refer(policy.object),
    tags: [],
  } as const;
  return [withOrigin(scope, hold, { file: origin.file, line: origin.line, folder: scope.repository.folder })];
}

function placeIn(
  { repository }: HoldScope,
  declared: DeclaredObject | undefined,
  path: readonly (string | number)[],
): HoldPlace | undefined {
  const files = valueOf(repository.content)?.files;
  const line = declared && files && lineAt(declared, path, files);
  return line && { ...line, folder: repository.folder };
}

/** Age, author and reason come from the commit that last wrote the line. */
function withOrigin({ repository }: HoldScope, hold: Hold, place: HoldPlace | undefined): Hold {
  if (place === undefined) return hold;
  const commit = valueOf(repository.lineOrigins?.get(lineKey(place.file, place.line)))?.commit;
  if (commit === undefined) return { ...hold, declaredAt: place };
  return { ...hold, declaredAt: place, commit, since: commit.at, reason: reasonOf(commit) };
}

function refer({ kind, meta }: FluxKind): ObjectReference {
  return { kind, name: meta.name, namespace: meta.namespace };
}
