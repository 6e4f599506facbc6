// A rollback changes the rule by which Flux selects, and Flux itself writes the older tag: the bad tag goes into the
// ImageRepository's exclusion list. One commit, no race, nothing to resume. What is not proved to work is refused.
import { declaredPlacements } from '../fleet/declared';
import { findObject } from '../fleet/liveObjects';
import { stateOfFlux } from '../fleet/objectState';
import { keyOf } from '../fleet/placements';
import type { PlacementId } from '../fleet/rows';
import { applyEdits } from '../manifests/edits';
import { editExclusionList } from '../manifests/exclusions';
import type { Facts, RepositoryFacts } from '../model/facts';
import type { Fleet, Placement } from '../model/fleet';
import type { ImageRepository } from '../model/flux';
import { canonicalImage } from '../model/image';
import type { DeclaredObject, Root } from '../model/manifest';
import { optional } from '../model/optional';
import { problemOf, valueOf } from '../model/reading';
import { type CommitPlan, type Refusal, refuse } from './plan';
import { deriveExclusions, refuseMovedAlong, takesEffect } from './rollbackExclusions';

export interface RollbackIntent extends PlacementId {
  /** The tag to go back to. */
  readonly tag: string;
  /** Why, in the user's words. */
  readonly reason: string;
}

export function planRollback(fleet: Fleet, facts: Facts, intent: RollbackIntent): CommitPlan | Refusal {
  const environment = fleet.environments.find((one) => one.name === intent.environment);
  const placement = environment?.placements.find((one) => one.service === intent.service);
  const declared = declaredPlacements(facts).map((one) => one.declared);
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
  const unfit = unfitRepository(list, facts, placement) ?? unappliedRepository(list, repository, facts, placement);
  if (unfit !== undefined) return unfit;
  const registry = facts.registry.get(canonicalImage(placement.image));
  if (registry?.state !== 'known') {
    return refuse(
      `The registry's tags are not known now, so nothing proves which tag would be selected. ${problemOf(registry)?.message ?? ''}`.trim(),
      `Try again when the registry answers, or pin the policy ${keyOf(here.policy.object.meta)} to ${intent.tag} by hand.`,
    );
  }
  const { tags } = registry.value;
  if (!tags.includes(intent.tag))
    return refuse(`${intent.tag} is not in the registry any more.`, 'Choose another tag.');
  const exclusions = deriveExclusions(here.policy.object, list.object, tags, intent.tag, facts.settings.fluxVersion);
  if ('kind' in exclusions) return exclusions;
  const moved = refuseMovedAlong(here, list, declared, tags, exclusions, facts.settings.fluxVersion);
  if (moved !== undefined) return moved;
  return writePlan({ intent, placement, written, repository, list, added: exclusions, tags });
}

function unfitRepository(
  list: DeclaredObject<ImageRepository>,
  facts: Facts,
  placement: Placement,
): Refusal | undefined {
  const name = `ImageRepository ${keyOf(list.object.meta)}`;
  const scanned = placement.chain.find((link) => link.name === 'scanned')?.link;
  const object = findObject(facts.clusters.get(placement.context ?? '')?.imageRepositories, list.object.meta);
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

/** An exclusion that Flux does not apply does nothing. */
function unappliedRepository(
  { file, document, object }: DeclaredObject<ImageRepository>,
  { content }: RepositoryFacts,
  { clusters }: Facts,
  { context }: Placement,
): Refusal | undefined {
  const applies = (root: Root): boolean => root.objects.some((one) => one.file === file && one.document === document);
  const owner = valueOf(content)?.manifests.roots.find((root) => root.kustomization !== undefined && applies(root));
  const reference = owner?.kustomization;
  const applier = findObject(clusters.get(context ?? '')?.kustomizations, reference);
  const state = applier && stateOfFlux(applier);
  if (reference === undefined || (state?.state !== 'failed' && state?.state !== 'suspended')) return undefined;
  const why = state.state === 'failed' ? `fails now: ${state.reason}` : 'is suspended.';
  return refuse(
    `The Kustomization ${keyOf(reference)}, which applies the ImageRepository ${keyOf(object.meta)}, ${why}`,
    'Mend or resume it first: until then an exclusion does not reach the cluster.',
  );
}

interface RollbackParts {
  readonly intent: RollbackIntent;
  readonly placement: Placement;
  readonly written: string;
  readonly repository: RepositoryFacts;
  readonly list: DeclaredObject<ImageRepository>;
  readonly added: readonly string[];
  readonly tags: readonly string[];
}

function writePlan({ intent, placement, written, repository, list, added, tags }: RollbackParts): CommitPlan | Refusal {
  const content = valueOf(repository.content);
  const before = content?.files.get(list.file);
  if (content === undefined || before === undefined)
    return refuse(`${list.file} could not be read.`, 'Refresh and try again.');
  const edits = editExclusionList(before, list.document, added);
  if (edits === undefined) {
    return refuse(`The exclusionList in ${list.file} cannot be edited safely.`, 'Add the tags to it by hand.');
  }
  const after = applyEdits(before, edits);
  if (!takesEffect(content, list, after, added)) {
    return refuse(
      `The exclusionList in ${list.file} does not reach the ImageRepository ${keyOf(list.object.meta)}: a kustomize patch sets it.`,
      `Add ${written} to the list in that patch by hand.`,
    );
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
    changes: [{ file: list.file, before, after }],
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
      ...(tags.includes(environment)
        ? [`The moving tag ${environment} in the registry is not moved: it may still name the image of ${written}.`]
        : []),
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
