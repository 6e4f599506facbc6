// The fight that Flux leaves no sign of: a plain revert changes a marked value away from X, and the automation's next run
// sets it back to X. It shows only in Git. Source: image-automation-controller, no memory of reverts (flux2#4676).
import type { TagChange } from '../model/facts';
import type { UndoneRevert } from '../model/fleet';

/** `history` newest first; `botEmail` is the automation's own author. */
export function findUndoneRevert(
  history: readonly TagChange[],
  botEmail: string | undefined,
): UndoneRevert | undefined {
  const [last, before] = history;
  if (last === undefined || before === undefined || botEmail === undefined) return undefined;
  const isUndone =
    last.commit.author.email === botEmail &&
    before.commit.author.email !== botEmail &&
    before.from === last.to &&
    before.to === last.from;
  return isUndone ? { revert: before.commit, writeBack: last.commit, tag: last.to } : undefined;
}
