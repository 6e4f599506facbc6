// What keeps the automation from writing what it would otherwise select: found in Git and in the cluster, ours or not.
import { defaultExclusionList } from '../manifests/fluxObjects';
import type { Hold } from '../model/fleet';
import type { ImageRepository, PolicySpec } from '../model/flux';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { select } from '../policy/select';
import type { LiveObjects } from './liveObjects';
import { conditionOf } from './objectState';
import type { DeclaredPlacement } from './placements';

export function deriveHolds(
  placement: DeclaredPlacement,
  live: LiveObjects,
  tags: readonly string[],
  fluxVersion: string,
): readonly Hold[] {
  const policy = valueOf(live.policy) ?? placement.policy?.object;
  const repository = valueOf(live.imageRepository) ?? placement.imageRepository?.object;
  const automation = valueOf(live.automation) ?? placement.automation?.object;
  const holds: Hold[] = [];
  if (policy !== undefined && repository !== undefined) {
    const excluded = excludedTags(policy.spec, repository, tags, fluxVersion);
    if (excluded.length > 0) {
      holds.push({
        kind: 'excluded',
        text: `${excluded.join(', ')} ${excluded.length === 1 ? 'is' : 'are'} excluded from selection by the ImageRepository`,
        object: { kind: 'ImageRepository', name: repository.meta.name, namespace: repository.meta.namespace },
        tags: excluded,
      });
    }
  }
  for (const [kind, object] of [
    ['ImageUpdateAutomation', automation],
    ['ImagePolicy', policy],
    ['ImageRepository', repository],
  ] as const) {
    if (object?.isSuspended !== true) continue;
    holds.push({
      kind: 'suspended',
      text: `${kind} ${object.meta.namespace}/${object.meta.name} is suspended${kind === 'ImageUpdateAutomation' ? '' : ' (its last answer is still written)'}`,
      object: { kind, name: object.meta.name, namespace: object.meta.namespace },
      tags: [],
      ...optional('since', conditionOf(object.conditions, 'Ready')?.since),
    });
  }
  return holds;
}

/** Tags that the policy would select one after the other if the exclusions beyond Flux's default were lifted. */
function excludedTags(
  spec: PolicySpec,
  repository: ImageRepository,
  tags: readonly string[],
  flux: string,
): readonly string[] {
  const extra = repository.exclusionList.filter((pattern) => !defaultExclusionList.includes(pattern));
  if (extra.length === 0) return [];
  const kept = select(spec, tags, { exclude: repository.exclusionList, flux });
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
