import type { ImagePolicy } from '../model/flux';
import { createExpansion } from '../policy/expand';
import { parseRelease } from '../policy/release';
import type { CheckedRepository } from './rule';
import { knownTagsOf } from './selectionEvidence';

/** What the policy compares, from the registry's tags that pass its filter; empty where they are not known. */
export function knownKeys(repository: CheckedRepository, policy: ImagePolicy): readonly string[] {
  const tags = knownTagsOf(repository, policy) ?? [];
  const { pattern: text, extract = '' } = policy.spec.filterTags ?? {};
  if (text === undefined && extract === '') return tags;
  const pattern = repository.compile(text ?? '', { goMinor: parseRelease(repository.settings.fluxVersion).goMinor });
  if (pattern.kind !== 'pattern') return [];
  if (extract === '') return tags.filter((tag) => pattern.test(tag));
  const { expand } = createExpansion(extract, pattern);
  return tags.flatMap((tag) => {
    const match = pattern.search(tag);
    return match === undefined ? [] : [expand(tag, match)];
  });
}
