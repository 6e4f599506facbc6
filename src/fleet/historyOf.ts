// Which of a clone's timelines is a placement's.
import type { RepositoryFacts, TagChange } from '../model/facts';
import { historyKey } from '../model/facts';
import { notReadYet } from '../model/problem';
import { known, type Reading, unknown } from '../model/reading';
import type { DeclaredPlacement } from './placements';

export function historyOf(repository: RepositoryFacts, declared: DeclaredPlacement): Reading<readonly TagChange[]> {
  if (declared.origin === undefined) return known([], 0);
  const key = historyKey(declared.origin.file, historyIdentity(declared));
  return repository.histories.get(key) ?? unknown(notReadYet);
}

/** What tells the placement's line from the others of its file: its marker's setter, else the image's name. */
export function historyIdentity(declared: Pick<DeclaredPlacement, 'marker' | 'image'>): string {
  return declared.marker?.setter ?? declared.image;
}
