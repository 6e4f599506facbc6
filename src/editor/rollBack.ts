// Roll Back and Revert Flux Bot Commit: the tag to go back to, the way that makes it stick, one commit by plumbing (two for
// the drill), and the chain until it has held for an automation interval.
import * as vscode from 'vscode';
import type { Refusal, WayName } from '../changes/plan';
import { planRollback, type RollbackIntent } from '../changes/planRollback';
import { type RollbackTarget, rollbackTargets } from '../changes/rollbackTargets';
import { historyIdentity } from '../fleet/historyOf';
import { formatTag } from '../fleet/tagParts';
import { historyKey } from '../model/facts';
import type { Placement } from '../model/fleet';
import { optional } from '../model/optional';
import { problemOf } from '../model/reading';
import { agreeWays, findWay } from './agreePlan';
import { askText } from './ask';
import { askPlacement, findPlacement } from './choose';
import type { ChooseTarget } from './chooseTarget';
import { findUnfinished, finishRollback } from './finishRollback';
import { readAfresh, readDigest } from './readAfresh';
import { signalOf } from './signals';
import { watchRollback } from './watchRollback';
import type { World } from './world';
import { readRule } from './writeByPull';
import { type WriteTools, writePlan } from './writePlan';

export interface RollbackCommand {
  readonly choose: ChooseTarget;
  /** The way that the command is named after; another where it is not possible. */
  readonly prefer?: WayName;
}

export async function rollBack(
  tools: WriteTools,
  argument: unknown,
  { choose, prefer }: RollbackCommand,
): Promise<void> {
  const { world, reporter } = tools;
  const title = 'Roll back: which service';
  const asked = await askPlacement(world.fleet, argument, title, (one) => one.writtenAt !== undefined);
  if (asked === undefined) return;
  const readNow = () => findPlacement(world.fleet, asked) ?? asked;
  const targetsNow = () => rollbackTargets(world.fleet, world.facts, readNow());
  await readEarlierTags(asked, world, targetsNow);
  const placement = readNow();
  const unfinished = findUnfinished(placement);
  if (unfinished !== undefined && (await finishRollback(placement, unfinished, tools)) !== 'another') return;
  const targets = targetsNow();
  if (targets.length === 0) {
    reporter.refused(noTarget(placement));
    return;
  }
  const target = await choose(placement, targets);
  if (target === undefined) return;
  if (target.obstacle !== undefined) {
    reporter.refused({ kind: 'refusal', reason: `${target.tag} cannot be chosen: ${target.obstacle}.` });
    return;
  }
  const { service, environment } = placement;
  await rollBackTo(tools, { service, environment, tag: target.tag, ...optional('digest', target.digest) }, prefer);
}

/** With the tag chosen: why, by which way, and then it is written and watched. */
export async function rollBackTo(
  tools: WriteTools,
  target: Omit<RollbackIntent, 'reason'>,
  prefer?: WayName,
): Promise<void> {
  const { service, environment, tag } = target;
  const reason = await askText({
    title: `Roll back ${service} in ${environment} to ${formatTag(tag)}`,
    prompt: 'Why? This goes into the commit message.',
  });
  if (reason === undefined) return;
  const image = findPlacement(tools.world.fleet, target)?.image;
  if (image !== undefined) await readAfresh(tools.world, 'Planning the rollback', { image, tag });
  await planAndWrite({ ...target, reason }, tools, prefer);
}

/** So many earlier tags are asked for their digests; each is a request to the registry. */
const maximumDigests = 8;

/** Where the history is still being read behind the tree, this service's part is read now; then what the newest tags are. */
async function readEarlierTags(
  { service, environment, image, writtenAt, history }: Placement,
  world: World,
  targetsNow: () => readonly RollbackTarget[],
): Promise<void> {
  const title = `Reading the earlier tags of ${service} in ${environment}`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  await vscode.window.withProgress(options, async (_, token) => {
    const signal = signalOf(token);
    if (writtenAt !== undefined && problemOf(history)?.code === 'not-read-yet') {
      const identity = historyIdentity({ image, ...optional('marker', writtenAt.marker) });
      await world.readHistory(writtenAt.folder, historyKey(writtenAt.origin.file, identity), signal);
    }
    const unknown = targetsNow().filter(({ obstacle, digest }) => obstacle === undefined && digest === undefined);
    await Promise.all(unknown.slice(0, maximumDigests).map(({ tag }) => readDigest(world, image, tag, signal)));
  });
}

async function planAndWrite(wanted: RollbackIntent, tools: WriteTools, prefer?: WayName): Promise<void> {
  const { world, reporter } = tools;
  const rule = await findRule(wanted, tools);
  const intent = { ...wanted, ...optional('rule', rule) };
  const ways = planRollback(world.fleet, world.facts, intent, world.placementsOf);
  if (ways.kind === 'refusal') {
    reporter.refused(ways);
    return;
  }
  const agreed = await agreeWays(ways, tools, { prefer, isByPull: rule !== undefined });
  if (agreed === undefined) return;
  const { name } = agreed.way;
  const written = await writePlan(agreed, () => replan(intent, name, tools), tools, rule);
  if (written === undefined) return;
  if ((await watchRollback(written, intent, name, tools)) === 'pin') await planAndWrite(intent, tools, 'pin');
}

async function findRule(target: RollbackIntent, tools: WriteTools): Promise<string | undefined> {
  const folder = findPlacement(tools.world.fleet, target)?.writtenAt?.folder;
  const clone = tools.world.facts.repositories.find((one) => one.folder === folder);
  return clone && (await readRule(clone.folder, clone.branch, tools, new AbortController().signal));
}

function replan(intent: RollbackIntent, way: WayName, { world }: WriteTools) {
  const ways = planRollback(world.fleet, world.facts, intent, world.placementsOf);
  return ways.kind === 'refusal' ? ways : (findWay(ways, way)?.plan ?? noWay);
}

const noWay: Refusal = { kind: 'refusal', reason: 'The branch has moved, and this way is not possible any more.' };

/** Why there is nothing to go back to: perhaps only because the history is cut short. */
function noTarget({ service, environment, history }: Placement): Refusal {
  const reason = `There is no earlier tag of ${service} in ${environment} to go back to.`;
  return { kind: 'refusal', reason, ...optional('wayOut', problemOf(history)?.message) };
}
