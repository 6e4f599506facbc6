// A rollback changes the rule by which Flux selects, and Flux itself writes the older tag: the bad tag goes into the
// ImageRepository's exclusion list. One commit, no race, nothing to resume. Every generated list is run through the
// selection engine against the real tags, and refused unless it selects exactly the target.
import { defaultExclusions } from '../fleet/holds';
import { type DeclaredPlacement, keyOf } from '../fleet/placements';
import type { PlacementId } from '../fleet/rows';
import { applyEdits } from '../manifests/edits';
import { editExclusionList, maximumExclusions } from '../manifests/exclusions';
import type { Facts, RepositoryFacts, TagChange } from '../model/facts';
import type { Fleet, Placement } from '../model/fleet';
import type { ImagePolicy, ImageRepository } from '../model/flux';
import { canonicalImage } from '../model/image';
import type { DeclaredObject } from '../model/manifest';
import { optional } from '../model/optional';
import { problemOf, valueOf } from '../model/reading';
import { select } from '../policy/select';
import { type CommitPlan, type Refusal, refuse } from './plan';
import { declaredPlacements } from './preflight';

export interface RollbackTarget {
  readonly tag: string;
  /** The change that first brought the tag here. */
  readonly change: TagChange;
  /** Why it cannot be chosen. */
  readonly obstacle?: string;
}

/** Earlier tags of the placement, newest first. */
export function rollbackTargets(placement: Placement, facts: Facts): readonly RollbackTarget[] {
  const history = valueOf(placement.history) ?? [];
  const tags = valueOf(facts.registry.get(canonicalImage(placement.image)))?.tags;
  const seen = new Set([valueOf(placement.written)?.tag]);
  const targets: RollbackTarget[] = [];
  for (const change of history) {
    if (seen.has(change.to)) continue;
    seen.add(change.to);
    const obstacle =
      tags === undefined
        ? 'the registry does not answer'
        : tags.includes(change.to)
          ? undefined
          : 'it is not in the registry';
    targets.push({ tag: change.to, change, ...optional('obstacle', obstacle) });
  }
  return targets;
}

export interface RollbackIntent extends PlacementId {
  /** The tag to go back to. */
  readonly tag: string;
  /** Why, in the user's words. */
  readonly reason: string;
}

export function planRollback(fleet: Fleet, facts: Facts, intent: RollbackIntent): CommitPlan | Refusal {
  const environment = fleet.environments.find((one) => one.name === intent.environment);
  const placement = environment?.placements.find((one) => one.service === intent.service);
  const declared = declaredPlacements(facts);
  const here = declared.find((one) => one.service === intent.service && one.environment === intent.environment);
  const written = valueOf(placement?.written)?.tag;
  if (environment === undefined || placement === undefined || here === undefined || written === undefined) {
    return refuse(`${intent.service} has no written tag in ${intent.environment}.`);
  }
  if (written === intent.tag) return refuse(`${intent.environment} is on ${intent.tag} already.`);
  const repository = facts.repositories.find(({ folder }) => folder === placement.writtenAt?.folder);
  const list = here.imageRepository;
  if (here.marker === undefined || here.policy === undefined) {
    return refuse(
      `${intent.service} in ${intent.environment} is not written by an image automation, so there is no rule to change.`,
      `Write the tag ${intent.tag} by hand and commit it.`,
    );
  }
  if (!environment.isProduction) {
    return refuse(
      `Builds flow into ${intent.environment} by themselves: the next build would win over an exclusion at once.`,
      `Pin the policy ${keyOf(here.policy.object.meta)} to ${intent.tag} by hand.`,
    );
  }
  if (repository === undefined || list === undefined) {
    return refuse(
      `The ImageRepository of ${intent.service} is not declared in this repository, so nothing can be excluded from it here.`,
      `Pin the policy ${keyOf(here.policy.object.meta)} to ${intent.tag} by hand.`,
    );
  }
  const unfit = unfitRepository(list, facts, placement);
  if (unfit !== undefined) return unfit;
  const registry = facts.registry.get(canonicalImage(placement.image));
  const tags = valueOf(registry)?.tags;
  if (tags === undefined) {
    return refuse(
      `The registry's tags are not known, so nothing proves which tag would be selected. ${problemOf(registry)?.message ?? ''}`.trim(),
    );
  }
  if (!tags.includes(intent.tag))
    return refuse(`${intent.tag} is not in the registry any more.`, 'Choose another tag.');
  const exclusions = exclusionsFor(here.policy.object, list.object, tags, intent.tag, facts.settings.fluxVersion);
  if ('kind' in exclusions) return exclusions;
  const moved = movedAlong(here, list, declared, tags, exclusions, facts.settings.fluxVersion);
  if (moved !== undefined) return moved;
  return writePlan({ intent, placement, written, repository, list, added: exclusions });
}

function unfitRepository(
  list: DeclaredObject<ImageRepository>,
  facts: Facts,
  placement: Placement,
): Refusal | undefined {
  const name = `ImageRepository ${keyOf(list.object.meta)}`;
  const scanned = placement.chain.find((link) => link.name === 'scanned')?.link;
  const live = facts.clusters.get(placement.context ?? '')?.imageRepositories;
  const object = valueOf(live)?.find((one) => keyOf(one.meta) === keyOf(list.object.meta));
  if ((object ?? list.object).isSuspended) {
    return refuse(`The ${name} is suspended: an exclusion takes effect only with the next scan.`, 'Resume it first.');
  }
  if (scanned?.state === 'failed') {
    return refuse(
      `The ${name} cannot be scanned now, and an exclusion takes effect only with the next scan: ${scanned.reason}`,
      'Mend the scan, or pin the policy by hand.',
    );
  }
  return undefined;
}

/** The anchored patterns to add so that the policy selects exactly `target`. */
function exclusionsFor(
  policy: ImagePolicy,
  list: ImageRepository,
  tags: readonly string[],
  target: string,
  flux: string,
): readonly string[] | Refusal {
  const kept = list.exclusionList.length === 0 ? defaultExclusions : list.exclusionList;
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
export function exclusionOf(tag: string): string {
  return `^${tag.replace(/\./g, '\\.')}$`;
}

/** Placements of the same ImageRepository that the exclusion would move too. */
function movedAlong(
  here: DeclaredPlacement,
  list: DeclaredObject<ImageRepository>,
  declared: readonly DeclaredPlacement[],
  tags: readonly string[],
  added: readonly string[],
  flux: string,
): Refusal | undefined {
  const kept = list.object.exclusionList.length === 0 ? defaultExclusions : list.object.exclusionList;
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

interface RollbackParts {
  readonly intent: RollbackIntent;
  readonly placement: Placement;
  readonly written: string;
  readonly repository: RepositoryFacts;
  readonly list: DeclaredObject<ImageRepository>;
  readonly added: readonly string[];
}

function writePlan({ intent, placement, written, repository, list, added }: RollbackParts): CommitPlan | Refusal {
  const content = valueOf(repository.content);
  const before = content?.files.get(list.file);
  if (content === undefined || before === undefined)
    return refuse(`${list.file} could not be read.`, 'Refresh and try again.');
  const edits = editExclusionList(before, list.document, added);
  if (edits === undefined) {
    return refuse(`The exclusionList in ${list.file} cannot be edited safely.`, 'Add the tags to it by hand.');
  }
  const undoes = valueOf(placement.history)?.find((change) => change.to === written)?.commit;
  const { service, environment, tag } = intent;
  return {
    kind: 'commit',
    title: `Roll back ${service} in ${environment}`,
    folder: repository.folder,
    remote: repository.remote.name,
    branch: repository.branch,
    base: content.commit.hash,
    changes: [{ file: list.file, before, after: applyEdits(before, edits) }],
    message: rollbackMessage(intent, written, undoes?.hash, added),
    target: { service, environment, tag },
    from: written,
    ...optional('undoes', undoes),
    summary: [
      `${written} is excluded from selection in ${list.file}; Flux then selects ${tag} and writes it itself.`,
      ...(undoes === undefined
        ? []
        : [`This undoes the write-back ${undoes.hash.slice(0, 7)} by ${undoes.author.name}.`]),
      'The next promotion flows by itself: there is nothing to resume.',
      `The moving tag ${environment} in the registry still names the image of ${written}.`,
    ],
  };
}

/** Subject, reason, and trailers that machines read back. */
function rollbackMessage(
  intent: RollbackIntent,
  from: string,
  undoes: string | undefined,
  added: readonly string[],
): string {
  return [
    `Roll back ${intent.service} in ${intent.environment} to ${intent.tag}`,
    '',
    intent.reason || 'No reason was given.',
    '',
    `Excludes ${added.length === 1 ? 'the tag' : 'the tags'} above ${intent.tag} from selection, so that image automation writes ${intent.tag} itself.`,
    '',
    'Flux-Promote: rollback',
    `Flux-Promote-Service: ${intent.service}`,
    `Flux-Promote-Environment: ${intent.environment}`,
    `Flux-Promote-From: ${from}`,
    `Flux-Promote-To: ${intent.tag}`,
    ...(undoes === undefined ? [] : [`Flux-Promote-Undoes: ${undoes}`]),
    '',
  ].join('\n');
}
