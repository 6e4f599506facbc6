// Exclude: the bad tag goes into the ImageRepository's exclusion list, and Flux selects and writes the one before. One commit,
// no race, nothing to resume. It is no hold: a newer build wins at once.
import { keyOf } from '../../fleet/placements';
import { applyEdits } from '../../manifests/edits';
import { editExclusionList, maximumExclusions } from '../../manifests/exclusions';
import { defaultExclusionList } from '../../manifests/fluxObjects';
import type { ImagePolicy, ImageRepository } from '../../model/flux';
import type { DeclaredObject } from '../../model/manifest';
import { createSelect, type Selection, select } from '../../policy/select';
import { type Refusal, refuse } from '../plan';
import { refuseUnapplied } from './applied';
import type { Draft } from './draft';
import { refuteEffect } from './proof';
import type { Situation } from './situation';

export function draftExclusion(situation: Situation): Draft | Refusal {
  const { here, intent, tags, content } = situation;
  const list = here.imageRepository;
  if (here.policy === undefined || list === undefined) {
    return refuse(
      `The ImageRepository of ${intent.service} is not declared in this repository, so nothing can be excluded from it here.`,
    );
  }
  const unfit = refuseUnscanned(situation, list) ?? refuseUnapplied(situation, list, situation.list, []);
  if (unfit !== undefined) return unfit;
  if ('code' in tags) return refuseSilence(tags.message);
  const added = deriveExclusions(situation, here.policy.object, list.object, tags);
  if ('kind' in added) return added;
  const before = content.files.get(list.file);
  const edits = before === undefined ? undefined : editExclusionList(before, list.document, added);
  if (before === undefined || edits === undefined) {
    return refuse(`The exclusionList in ${list.file} cannot be edited safely.`, 'Add the tags to it by hand.');
  }
  const what = added.length === 1 ? situation.written.tag : `The ${added.length} tags above ${intent.tag}`;
  const draft: Draft = {
    kind: 'draft',
    files: new Map([[list.file, applyEdits(before, edits)]]),
    selects: intent.tag,
    does: `${what} ${added.length === 1 ? 'is' : 'are'} excluded from selection in ${list.file}; Flux then selects ${intent.tag} and writes it itself.`,
    summary: ['The next promotion flows by itself: there is nothing to resume.'],
  };
  const wanted = JSON.stringify([...list.object.exclusionList, ...added]);
  const refuted = refuteEffect(
    situation,
    draft,
    list,
    (after) => after.kind === 'ImageRepository' && JSON.stringify(after.exclusionList) === wanted,
  );
  return refuted ?? draft;
}

export function refuseSilence(why: string): Refusal {
  return refuse(
    `The registry's tags are not known now, so nothing proves which tag would be selected. ${why}`,
    'Try again when the registry answers.',
  );
}

/** The anchored patterns to add so that the policy selects exactly the target. */
function deriveExclusions(
  { intent: { tag: target }, flux, compile }: Situation,
  policy: ImagePolicy,
  list: ImageRepository,
  tags: readonly string[],
): readonly string[] | Refusal {
  const kept = list.exclusionList;
  const choose = createSelect(policy.spec, { exclude: kept, flux, compile });
  const alone = choose([target]);
  if (alone.kind !== 'tag') {
    const isExcluded = select(policy.spec, [target], { exclude: defaultExclusionList, flux, compile }).kind === 'tag';
    return isExcluded
      ? refuseExcluded(list, target)
      : refuse(`The policy ${keyOf(policy.meta)} does not take ${target}.`, 'Choose another tag.');
  }
  // Taking a tag away is the same as excluding it, and costs no pattern; the list itself is proved afterwards. Of all tags only
  // those matter beside which the target is not selected.
  let rest = tags.filter((tag) => tag === target || !selects(choose([target, tag]), target));
  const added: string[] = [];
  for (;;) {
    const answer = choose(rest);
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
    if (kept.length + added.length + rest.length > maximumExclusions + 1) {
      return refuse(`${target} is too far back: more than ${maximumExclusions} tags would have to be excluded.`);
    }
    added.push(exclusionOf(answer.tag));
    rest = rest.filter((tag) => tag !== answer.tag);
  }
  return added.length > 0
    ? added
    : refuse(`The policy ${keyOf(policy.meta)} selects ${target} already; Flux writes it at its next run.`);
}

function selects(selection: Selection, tag: string): boolean {
  return selection.kind === 'tag' && selection.tag === tag;
}

export function refuseExcluded(list: ImageRepository, target: string): Refusal {
  return refuse(
    `${target} is excluded from selection by the ImageRepository ${keyOf(list.meta)}, perhaps by an earlier rollback.`,
    'Take it out of the exclusionList (Resume…) if you want it back, or choose another tag.',
  );
}

/** Exactly this tag, as a Go regular expression. */
export function exclusionOf(tag: string): string {
  return `^${tag.replace(/\./g, '\\.')}$`;
}

function refuseUnscanned(
  { list, placement }: Situation,
  { object }: DeclaredObject<ImageRepository>,
): Refusal | undefined {
  const name = `ImageRepository ${keyOf(object.meta)}`;
  if ((list ?? object).isSuspended) {
    return refuse(`The ${name} is suspended: an exclusion takes effect only with the next scan.`, 'Resume it first.');
  }
  const scanned = placement.chain.find((link) => link.name === 'scanned')?.link;
  if (scanned?.state !== 'failed') return undefined;
  return refuse(
    `The ${name} cannot be scanned now, and an exclusion takes effect only with the next scan: ${scanned.reason}`,
    'Mend the scan, or pin.',
  );
}

export function describeExclusion({ environment, intent }: Situation): string {
  return environment.isProduction
    ? `One commit, nothing to resume: ${intent.tag} is selected at the next scan, and the next promotion flows.`
    : `No hold: builds flow into ${environment.name} by themselves, and the next one wins at once.`;
}
