// Pin: the policy's pattern is narrowed to exactly the target, and the original is kept beside it. Flux writes the tag. It
// holds until it is resumed.

import { findObject } from '../../fleet/liveObjects';
import { keyOf } from '../../fleet/placements';
import { defaultExclusionList } from '../../manifests/fluxObjects';
import { editPin, pinOf, unpinnedSpec } from '../../manifests/pin';
import { pinPattern } from '../../policy/pinPattern';
import { select } from '../../policy/select';
import { type Refusal, refuse } from '../plan';
import { refuseUnapplied } from './applied';
import type { Draft } from './draft';
import { refuseExcluded, refuseSilence } from './exclude';
import { refuteEffect } from './proof';
import type { Situation } from './situation';

/** The next revision is applied all the same when only the health of the last one was bad. */
const unhealthyOnly = ['HealthCheckFailed', 'DependencyNotReady'];

export function draftPin(situation: Situation): Draft | Refusal {
  const { here, intent, tags, content, facts, placement, flux } = situation;
  const { policy, imageRepository } = here;
  if (policy === undefined) {
    return refuse(
      `The ImagePolicy of ${intent.service} in ${intent.environment} is not declared in this repository, so it cannot be pinned here.`,
    );
  }
  const name = keyOf(policy.object.meta);
  const live = findObject(facts.clusters.get(placement.context ?? '')?.imagePolicies, policy.object.meta);
  const unfit = refuseUnapplied(situation, policy, live, unhealthyOnly);
  if (unfit !== undefined) return unfit;
  if ((live ?? policy.object).isSuspended) {
    return refuse(`The ImagePolicy ${name} is suspended: it selects nothing new.`, 'Resume it first.');
  }
  if ('code' in tags) return refuseSilence(tags.message);
  const exclude = imageRepository?.object.exclusionList ?? defaultExclusionList;
  const isExcluded = select({ policy: { alphabetical: {} } }, [intent.tag], { exclude, flux }).kind !== 'tag';
  if (isExcluded && imageRepository !== undefined) return refuseExcluded(imageRepository.object, intent.tag);
  const pattern = pinPattern(unpinnedSpec(policy.object), intent.tag);
  if (pattern === undefined) return refuse(`The policy ${name} does not take ${intent.tag}.`, 'Choose another tag.');
  const before = content.files.get(policy.file);
  const after = before === undefined ? undefined : editPin(before, policy.document, pattern);
  if (after === undefined) {
    return refuse(`The pattern in ${policy.file} cannot be edited safely.`, `Narrow it to ${pattern} by hand.`);
  }
  const draft: Draft = {
    kind: 'draft',
    files: new Map([[policy.file, after]]),
    selects: intent.tag,
    does: `ImagePolicy ${name} is pinned to ${intent.tag} in ${policy.file}; Flux writes the tag itself and keeps it.`,
    summary: ['Nothing newer is written until the pin is lifted (Resume…); the original pattern is kept beside it.'],
  };
  const refuted = refuteEffect(
    situation,
    draft,
    policy,
    (now) => now.kind === 'ImagePolicy' && now.spec.filterTags?.pattern === pattern && pinOf(now)?.tag === intent.tag,
  );
  return refuted ?? draft;
}

export function describePin({ environment, intent }: Situation): string {
  const holds = `Holds ${environment.name} on ${intent.tag} until it is resumed; one commit, and Flux writes the tag.`;
  return environment.isProduction ? holds : `Builds flow into ${environment.name} by themselves. ${holds}`;
}
