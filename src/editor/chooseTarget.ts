// Which tag to go back to: earlier ones with what is known of them, or the one before the bot's last commit.
import type { RollbackTarget } from '../changes/rollbackTargets';
import { formatAge } from '../model/duration';
import type { Placement } from '../model/fleet';
import { valueOf } from '../model/reading';
import { askPick } from './ask';

/** Which tag a command goes back to: the user's choice, or the one before the bot's commit. */
export type ChooseTarget = (
  placement: Placement,
  targets: readonly RollbackTarget[],
) => Promise<RollbackTarget | undefined>;

/** Earlier tags, newest first; what stands in the way of one is said beside it, and again when it is chosen. */
export const chooseEarlierTag: ChooseTarget = async (placement, targets) => {
  const items = targets.map((target) => ({
    label: target.obstacle === undefined ? target.tag : `$(circle-slash) ${target.tag}`,
    description: target.obstacle ?? describe(target),
    detail: detailOf(target),
    target,
  }));
  const options = {
    title: `Roll back ${placement.service} in ${placement.environment}: to which tag`,
    placeHolder: `Written now: ${valueOf(placement.written)?.tag ?? 'nothing'}`,
  };
  return (await askPick(items, options))?.target;
};

/** The lab's drill: the tag that stood before the bot's last commit. */
export const chooseBeforeBotCommit: ChooseTarget = async (placement, targets) => {
  const written = valueOf(placement.written)?.tag;
  const change = valueOf(placement.history)?.find((one) => one.to === written);
  const target = targets.find((one) => one.tag === change?.from && one.obstacle === undefined);
  if (change === undefined || target === undefined) return chooseEarlierTag(placement, targets);
  const others = change.otherFiles.length === 0 ? '' : `, which also changed ${change.otherFiles.join(', ')}`;
  const item = {
    label: `Undo ${change.commit.hash.slice(0, 7)} by ${change.commit.author.name}`,
    description: `${formatAge(Date.now() - change.commit.at)} ago${others}`,
    detail: `${change.to} → ${target.tag}`,
  };
  const options = { title: `Revert Flux Bot Commit: ${placement.service} in ${placement.environment}` };
  return (await askPick([item], options)) === undefined ? undefined : target;
};

function describe({ change, digest }: RollbackTarget): string {
  const age = `${formatAge(Date.now() - change.commit.at)} ago`;
  return digest === undefined ? age : `${age} · ${digest.slice(0, 19)}…`;
}

function detailOf({ change, since }: RollbackTarget): string {
  const by = `${change.commit.hash.slice(0, 7)} by ${change.commit.author.name}`;
  if (since.length === 0) return by;
  return `${by} · since then also changed: ${since.join(', ')}`;
}
