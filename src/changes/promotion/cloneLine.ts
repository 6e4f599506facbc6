// What the user's own clone has that Flux does not see: it changes no verdict, and must not be mistaken for what is judged.
import type { PromotionSubject } from './subject';
import { failedLine, notKnown, type PreflightLine, passed } from './verdict';

/** Beside the branch that Flux follows; files by their paths in the repository. */
export interface OwnChanges {
  readonly uncommitted: readonly string[];
  /** Of commits that are not pushed. */
  readonly unpushed: readonly string[];
  /** Commits of the followed branch that the checked-out one lacks; undefined where they cannot be counted. */
  readonly behind?: number;
}

export function cloneLine({ here, facts, target, way }: PromotionSubject, own: OwnChanges): PreflightLine {
  const repository = facts.repositories.find(({ folder }) => folder === target.writtenAt?.folder);
  const followed = `${repository?.remote.name ?? 'origin'}/${repository?.branch ?? ''}`;
  const written = here?.origin?.file;
  const deciding = new Set(
    [written, here?.policy?.file, here?.imageRepository?.file, here?.automation?.file].filter(
      (file) => file !== undefined,
    ),
  );
  const edited = own.uncommitted.filter((file) => deciding.has(file));
  const unpushed = own.unpushed.filter((file) => deciding.has(file));
  const files = [...new Set([...edited, ...unpushed])];
  if (files.length === 0) {
    const behind =
      own.behind === undefined || own.behind === 0 ? '' : ` It lacks ${own.behind} commits of ${followed}.`;
    return passed(`Your clone has no changes of its own to the files that decide this.${behind}`);
  }
  const what = `Your clone has changes of its own to ${files.join(', ')}, ${edited.length > 0 ? 'not committed' : 'not pushed'}`;
  // The commit is made on the remote's tip; the next pull would then meet the user's own edit of the same line.
  return way === 'commit' && written !== undefined && files.includes(written)
    ? failedLine(`${what}: this promotion writes that file.`, 'Push your changes first, or put them away (git stash).')
    : notKnown(`${what}. Flux does not see them: what is judged here is ${followed}.`);
}
