// Roll Back and Revert Flux Bot Commit: the write-back that introduced the tag, the tag to go back to, the change in the
// diff view, one commit by plumbing, and the chain until it has held for an automation interval.
import * as vscode from 'vscode';
import { applyCommit, type CommitPen, type ReadTip } from '../changes/apply';
import type { CommitPlan, Refusal } from '../changes/plan';
import { planRollback } from '../changes/planRollback';
import { type RollbackTarget, rollbackTargets } from '../changes/rollbackTargets';
import { findObject } from '../fleet/liveObjects';
import type { PlacementId } from '../fleet/rows';
import { formatTag } from '../fleet/tagParts';
import { formatAge } from '../model/duration';
import type { Placement } from '../model/fleet';
import { optional } from '../model/optional';
import { problemOf, valueOf } from '../model/reading';
import { askPlacement } from './choose';
import { afterWriting, endText, type FinalOutcome, followChange } from './follow';
import type { Preview } from './preview';
import { confirmProtected } from './promote';
import { readAfresh } from './readAfresh';
import type { Reporter } from './report';
import { signalOf } from './signals';
import type { World } from './world';

export interface RollbackTools {
  readonly world: World;
  readonly reporter: Reporter;
  readonly preview: Preview;
  /** The writing half of Git in the clone. */
  readonly penOf: (folder: string) => Promise<CommitPen>;
  readonly tipOf: (plan: CommitPlan) => ReadTip;
  /** Asks Flux to fetch Git for a placement; where that may not be asked it is left to the interval. */
  readonly fetchNow: (target: PlacementId, signal: AbortSignal) => Promise<void>;
}

/** Which tag the command goes back to: the user's choice, or the one before the bot's commit. */
export type ChooseTarget = (placement: Placement, targets: readonly RollbackTarget[]) => Promise<string | undefined>;

export async function rollBack(tools: RollbackTools, argument: unknown, choose: ChooseTarget): Promise<void> {
  const { world, reporter } = tools;
  const placement = await askPlacement(
    world.fleet,
    argument,
    'Roll back: which service',
    (one) => one.writtenAt?.marker !== undefined,
  );
  if (placement === undefined) return;
  const targets = rollbackTargets(placement, world.facts);
  if (targets.length === 0) {
    reporter.refused(noTarget(placement));
    return;
  }
  const tag = await choose(placement, targets);
  if (tag === undefined) return;
  const reason = await vscode.window.showInputBox({
    title: `Roll back ${placement.service} in ${placement.environment} to ${formatTag(tag)}`,
    prompt: 'Why? This goes into the commit message.',
    ignoreFocusOut: true,
  });
  if (reason === undefined) return;
  await readAfresh(world, 'Planning the rollback', { image: placement.image, tag });
  const { service, environment } = placement;
  const plan = planRollback(world.fleet, world.facts, { service, environment, tag, reason });
  if (plan.kind === 'refusal') {
    reporter.refused(plan);
    return;
  }
  if (await isAgreed(plan, tools)) await writeAndFollow(plan, placement, tools);
}

async function isAgreed(plan: CommitPlan, { world, preview }: RollbackTools): Promise<boolean> {
  try {
    await preview.show(plan);
    return (await agree(plan)) && (await confirmProtected(world, plan.target.environment));
  } finally {
    await preview.close();
  }
}

/** Why there is nothing to go back to: perhaps only because the history is cut short. */
function noTarget({ service, environment, history }: Placement): Refusal {
  const reason = `There is no earlier tag of ${service} in ${environment} to go back to.`;
  return { kind: 'refusal', reason, ...optional('wayOut', problemOf(history)?.message) };
}

/** Earlier tags, newest first; what stands in the way of one is said beside it, and again by the refusal. */
export const chooseEarlierTag: ChooseTarget = async (placement, targets) => {
  const items = targets.map(({ tag, change, obstacle }) => ({
    label: tag,
    description: obstacle ?? `${formatAge(Date.now() - change.commit.at)} ago`,
    detail: `${change.commit.hash.slice(0, 7)} by ${change.commit.author.name}`,
  }));
  const options = {
    title: `Roll back ${placement.service} in ${placement.environment}: to which tag`,
    placeHolder: `Written now: ${valueOf(placement.written)?.tag ?? 'nothing'}`,
  };
  return (await vscode.window.showQuickPick(items, options))?.label;
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
  return (await vscode.window.showQuickPick([item], options)) === undefined ? undefined : target.tag;
};

/** The diff stays in sight while the question stands above it. */
async function agree(plan: CommitPlan): Promise<boolean> {
  const commit = {
    label: '$(git-commit) Commit and Push',
    description: `to ${plan.branch}`,
    detail: plan.summary[0] ?? '',
  };
  const copy = { label: '$(copy) Copy the Commit Message', description: '', detail: plan.summary.slice(1).join(' ') };
  const cancel = { label: '$(close) Cancel', description: 'writes nothing', detail: '' };
  const options = { title: plan.title, placeHolder: 'Look at the change below', ignoreFocusOut: true };
  const picked = await vscode.window.showQuickPick([commit, copy, cancel], options);
  if (picked === copy) {
    await vscode.env.clipboard.writeText(plan.message);
    return agree(plan);
  }
  return picked === commit;
}

async function writeAndFollow(plan: CommitPlan, placement: Placement, tools: RollbackTools): Promise<void> {
  const { world, reporter, penOf, tipOf, fetchNow } = tools;
  const startedAt = Date.now();
  const looking = world.interest();
  const options = { location: vscode.ProgressLocation.Notification, title: plan.title, cancellable: true };
  try {
    const commit = await vscode.window.withProgress(options, async (progress, token) => {
      progress.report({ message: 'committing and pushing' });
      return await applyCommit(plan, await penOf(plan.folder), tipOf(plan), signalOf(token));
    });
    const written = `${plan.title}: commit ${commit.slice(0, 7)} is on ${plan.branch}.`;
    const outcome = await afterWriting(written, reporter, async () => {
      await vscode.window.withProgress(options, async (progress, token) => {
        const signal = signalOf(token);
        progress.report({ message: `pushed ${commit.slice(0, 7)}; asking Flux to fetch it` });
        await fetchNow(plan.target, signal);
        await world.refresh(signal);
      });
      return await followChange(world, {
        title: plan.title,
        target: plan.target,
        expectation: {
          tag: plan.target.tag,
          from: plan.from,
          ...optional('broughtBy', plan.undoes?.hash),
          since: startedAt,
          calmMs: calmOf(placement, world),
        },
        onWritten: (signal) => fetchNow(plan.target, signal),
      });
    });
    if (outcome !== undefined) sayOutcome(outcome, plan, commit, reporter);
  } finally {
    looking.dispose();
  }
}

function sayOutcome(outcome: FinalOutcome, { title, target }: CommitPlan, commit: string, reporter: Reporter): void {
  if (outcome.state !== 'held') {
    reporter.warned(`${title}: ${endText(outcome)}`);
    return;
  }
  const where = `${target.service} in ${target.environment}`;
  const calm = formatAge(Date.now() - outcome.since);
  const text = `Rolled back: ${where} runs ${target.tag}, and Git, policy and workload have agreed for ${calm}.`;
  reporter.done(`${text} Commit ${commit.slice(0, 7)}.`);
}

/** One interval of the automation; a minute where it is not known. */
function calmOf(placement: Placement, { facts }: World): number {
  const automations = facts.clusters.get(placement.context ?? '')?.imageUpdateAutomations;
  return findObject(automations, placement.automation)?.intervalMs ?? 60_000;
}
