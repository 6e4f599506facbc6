import type { ImagePolicy } from '../model/flux';
import { select } from '../policy/select';
import type { CheckedRepository } from './rule';

/** What the policy selects from the registry's tags, in one line; nothing where they are not known. */
export function selectionEvidence(repository: CheckedRepository, policy: ImagePolicy): readonly string[] {
  const tags = knownTagsOf(repository, policy);
  if (tags === undefined || tags.length === 0) return [];
  const { settings, compile } = repository;
  const selection = select(policy.spec, tags, { flux: settings.fluxVersion, compile });
  if (selection.kind === 'error') return [`with the known tags: ${selection.error}`];
  return selection.kind === 'tag' ? [selection.tag] : selection.tags;
}

export function knownTagsOf(repository: CheckedRepository, policy: ImagePolicy): readonly string[] | undefined {
  const image = repository.policies().named(policy.meta.namespace, policy.meta.name)[0]?.image;
  return image === undefined ? undefined : repository.knownTags(image);
}
