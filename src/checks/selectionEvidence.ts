import type { ImagePolicy } from '../model/flux';
import { parseExclusion } from '../policy/exclusion';
import { parseRelease } from '../policy/release';
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

/** The registry's tags as Flux stores them: without those that the ImageRepository leaves out. */
export function knownTagsOf(repository: CheckedRepository, policy: ImagePolicy): readonly string[] | undefined {
  const [declared] = repository.policies().named(policy.meta.namespace, policy.meta.name);
  const tags = declared?.image === undefined ? undefined : repository.knownTags(declared.image);
  if (tags === undefined) return undefined;
  const { compile, settings } = repository;
  const exclusion = parseExclusion(declared?.exclusionList ?? [], parseRelease(settings.fluxVersion), compile);
  return exclusion.kind === 'exclusion' ? tags.filter((tag) => exclusion.excludedBy(tag) === undefined) : undefined;
}
