// The exclusions that make Flux select an earlier tag, proved by the selection engine against the real tags before they are
// written: that they select exactly the target, that they move nobody else, and that no patch takes them away again.
import { type DeclaredPlacement, keyOf } from '../fleet/placements';
import { maximumExclusions } from '../manifests/exclusions';
import { defaultExclusionList } from '../manifests/fluxObjects';
import { readManifests } from '../manifests/repository';
import { treeOf } from '../manifests/tree';
import type { RepositoryContent } from '../model/facts';
import type { ImagePolicy, ImageRepository } from '../model/flux';
import type { DeclaredObject } from '../model/manifest';
import { select } from '../policy/select';
import { type Refusal, refuse } from './plan';

/** The anchored patterns to add so that the policy selects exactly `target`. */
export function deriveExclusions(
  policy: ImagePolicy,
  list: ImageRepository,
  tags: readonly string[],
  target: string,
  flux: string,
): readonly string[] | Refusal {
  const kept = list.exclusionList;
  const alone = select(policy.spec, [target], { exclude: kept, flux });
  if (alone.kind !== 'tag') {
    const isExcluded = select(policy.spec, [target], { exclude: defaultExclusionList, flux }).kind === 'tag';
    return isExcluded
      ? refuse(
          `${target} is excluded from selection by the ImageRepository ${keyOf(list.meta)}, perhaps by an earlier rollback.`,
          'Take it out of the exclusionList if you want it back, or choose another tag.',
        )
      : refuse(`The policy ${keyOf(policy.meta)} does not take ${target}.`, 'Choose another tag.');
  }
  const added: string[] = [];
  for (;;) {
    const answer = select(policy.spec, tags, { exclude: [...kept, ...added], flux });
    if (answer.kind === 'error') {
      return refuse(`With the newer tags excluded, the policy ${keyOf(policy.meta)} selects nothing: ${answer.error}`);
    }
    if (answer.kind === 'ambiguous') {
      return refuse(
        `Flux's choice would be random between ${answer.tags.join(' and ')}.`,
        'Mend the policy so that every tag has its own key.',
      );
    }
    if (answer.tag === target) break;
    if (kept.length + added.length >= maximumExclusions) {
      return refuse(
        `${target} is too far back: more than ${maximumExclusions} tags would have to be excluded.`,
        `Pin the policy ${keyOf(policy.meta)} to it by hand.`,
      );
    }
    added.push(exclusionOf(answer.tag));
  }
  return added.length > 0
    ? added
    : refuse(`The policy ${keyOf(policy.meta)} selects ${target} already; Flux writes it at its next run.`);
}

/** Exactly this tag, as a Go regular expression. */
function exclusionOf(tag: string): string {
  return `^${tag.replace(/\./g, '\\.')}$`;
}

/** Placements of the same ImageRepository that the exclusion would move too. */
export function refuseMovedAlong(
  here: DeclaredPlacement,
  list: DeclaredObject<ImageRepository>,
  declared: readonly DeclaredPlacement[],
  tags: readonly string[],
  added: readonly string[],
  flux: string,
): Refusal | undefined {
  const kept = list.object.exclusionList;
  const tagOf = (policy: ImagePolicy, exclude: readonly string[]) => {
    const answer = select(policy.spec, tags, { exclude, flux });
    return answer.kind === 'tag' ? answer.tag : answer.kind;
  };
  const moved = declared.filter(
    (other) =>
      other !== here &&
      other.policy !== undefined &&
      other.imageRepository === list &&
      tagOf(other.policy.object, kept) !== tagOf(other.policy.object, [...kept, ...added]),
  );
  if (moved.length === 0) return undefined;
  const names = moved.map((one) => `${one.service} in ${one.environment}`).join(', ');
  return refuse(
    `The exclusion would also move ${names}, which select from the same tags.`,
    `Pin the policy ${here.policy === undefined ? '' : keyOf(here.policy.object.meta)} by hand instead.`,
  );
}

/** Whether the built ImageRepository has the patterns: a patch may have the last word. */
export function takesEffect(
  { files }: RepositoryContent,
  { object, file }: DeclaredObject<ImageRepository>,
  after: string,
  added: readonly string[],
): boolean {
  const { objects } = readManifests(treeOf(Object.fromEntries([...files, [file, after]])));
  const built = objects.find((one) => one.object.kind === object.kind && keyOf(one.object.meta) === keyOf(object.meta));
  if (built?.object.kind !== 'ImageRepository') return false;
  const wanted = [...object.exclusionList, ...added];
  return JSON.stringify(built.object.exclusionList) === JSON.stringify(wanted);
}
