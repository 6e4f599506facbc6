// Write-backs of another environment's tag that are over: nothing is wrong any more, and somebody will ask what ran meanwhile.
import { formatAge } from '../../model/duration';
import type { TagChange } from '../../model/facts';
import type { Departure } from '../../model/fleet';
import { type CrossingScope, isForeign, isOwn } from './crossings';

const shown = 3;

/** Newest first. Only where a tag of the environment's own stood before: not all teams name their tags so, or always did. */
export function findPastCrossings(scope: CrossingScope): readonly Departure[] {
  const { history, marker, policy } = scope;
  // Where no policy selects, a person chose each tag.
  if (marker === undefined && policy === undefined) return [];
  return history
    .flatMap((change, index) => {
      const end = history[index - 1];
      if (end === undefined || !isForeign(change.to, scope) || !isOwn(change.from ?? '', scope)) return [];
      return [pastCrossing(scope, change, end)];
    })
    .slice(0, shown);
}

function pastCrossing({ environment }: CrossingScope, change: TagChange, end: TagChange): Departure {
  const { commit, otherFiles } = change;
  return {
    kind: 'tag-crossed',
    text: `${change.to} was written into ${environment}, and stood for ${formatAge(end.commit.at - commit.at)}`,
    evidence: [
      evidenceOf(change),
      ...(otherFiles.length === 0 ? [] : [{ of: 'The same commit changed', text: otherFiles.slice(0, 5).join(', ') }]),
      evidenceOf(end),
    ],
    remedy: 'It is over. See what has ended it, or the tag comes again with what pulled it in.',
  };
}

function evidenceOf({ commit, to }: TagChange) {
  const { hash, author, subject, at } = commit;
  return { of: `Commit ${hash.slice(0, 7)} by ${author.name}`, text: `wrote ${to}: ${subject}`, at };
}
