// What happens after the commit: Flux is asked to fetch it, the second commit of a pair follows when it may, and nothing is
// called a success before it has held for an interval of the automation.
import * as vscode from 'vscode';
import type { WayName } from '../changes/plan';
import { planMarkersBack } from '../changes/planResume';
import type { RollbackIntent } from '../changes/planRollback';
import { keepsWaiting } from '../fleet/blockage';
import { findObject } from '../fleet/liveObjects';
import type { Expectation } from '../fleet/outcome';
import { formatAge } from '../model/duration';
import type { Placement } from '../model/fleet';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { isBehind } from '../sources/observed';
import { findPlacement } from './choose';
import { mayUndoInCluster, undoInCluster } from './emergencyUndo';
import { afterWriting, endText, type FinalOutcome, followChange, type Step } from './follow';
import { signalOf } from './signals';
import type { World } from './world';
import { offerPull, type WriteTools, type Written, writePlan } from './writePlan';

/** An exclusion takes effect by a scan, and a pin without one: where scans fail there is that way around. */
const byScan = { avoidable: 'scanned' } as const;
const expectationOf: Readonly<Record<WayName, Pick<Expectation, 'by' | 'avoidable'>>> = {
  exclude: byScan,
  drill: byScan,
  pin: { by: 'pin' },
  write: { by: 'hand' },
  repair: {},
  suspend: { by: 'hand' },
  digest: { by: 'hand' },
};

/** `pin` when the rollback did not hold and the user wants it pinned. */
export async function watchRollback(
  written: Written,
  intent: RollbackIntent,
  way: WayName,
  tools: WriteTools,
): Promise<'pin' | undefined> {
  const { plan, commit } = written;
  const { world, reporter, fetchNow } = tools;
  const startedAt = Date.now();
  const looking = world.interest();
  const options = { location: vscode.ProgressLocation.Notification, title: plan.title, cancellable: true };
  try {
    const said = `${plan.title}: commit ${commit.slice(0, 7)} is on ${plan.branch}.`;
    const outcome = await afterWriting(said, reporter, async () => {
      await vscode.window.withProgress(options, async (progress, token) => {
        const signal = signalOf(token);
        progress.report({ message: `pushed ${commit.slice(0, 7)}; asking Flux to fetch it` });
        await fetchNow(plan.target, signal);
        await world.refresh(signal);
      });
      void offerUndo(written, tools);
      return await followChange(world, {
        title: plan.title,
        target: plan.target,
        expectation: {
          tag: plan.target.tag,
          from: plan.from,
          ...optional('broughtBy', plan.undoes?.hash),
          since: startedAt,
          calmMs: calmOf(findPlacement(world.fleet, plan.target), world),
          ...expectationOf[way],
        },
        onWritten: (signal) => fetchNow(plan.target, signal),
        ...optional('step', secondCommit(written, tools)),
        isProven: (since) => hasRunSince(since, plan, world),
      });
    });
    return outcome && (await sayOutcome(outcome, written, intent, way, tools));
  } finally {
    looking.dispose();
  }
}

/** Stuck behind the health check of the bad version: beside the rollback in Git, what ends the wait. */
async function offerUndo({ plan: { target, folder }, commit }: Written, tools: WriteTools): Promise<void> {
  const { fleet, facts } = tools.world;
  const blockage = findPlacement(fleet, target)?.blockage;
  const recent = valueOf(facts.repositories.find((one) => one.folder === folder)?.content)?.recent ?? [];
  if (blockage === undefined || !keepsWaiting(blockage, commit, recent)) return;
  const left = blockage.until === undefined ? '' : ` for up to ${formatAge(blockage.until - Date.now())} more`;
  const said = `Flux waits${left} for the health of what it has applied, and looks at the rollback only then.`;
  try {
    if (!(await mayUndoInCluster(target, tools))) return;
    if (await tools.reporter.offer(said, 'Undo in the Cluster Too')) await undoInCluster(target, tools);
  } catch (error) {
    tools.reporter.trouble('Undoing in the cluster', error);
  }
}

/** The markers go back once nothing can write the bad tag any more. Nobody is asked again: this is what was agreed to. */
function secondCommit({ plan }: Written, tools: WriteTools): Step | undefined {
  const { second, target } = plan;
  if (second === undefined) return undefined;
  const again = () => planMarkersBack(tools.world.fleet, tools.world.facts, target);
  return {
    isDue: ({ selected, holds }) =>
      second === 'selected'
        ? valueOf(selected)?.tag === target.tag
        : holds.some(({ kind, object }) => kind === 'suspended' && object.kind === 'ImageUpdateAutomation'),
    run: async (signal) => {
      await tools.world.refresh(signal);
      const back = again();
      if (back.kind === 'refusal') {
        tools.reporter.refused(back);
        return;
      }
      if ((await writePlan({ plan: back }, again, tools)) !== undefined) await tools.fetchNow(target, signal);
    },
  };
}

async function sayOutcome(
  outcome: FinalOutcome,
  written: Written,
  { service, environment, tag }: RollbackIntent,
  way: WayName,
  tools: WriteTools,
): Promise<'pin' | undefined> {
  const { title } = written.plan;
  if (outcome.state === 'held') {
    const calm = formatAge(Date.now() - outcome.since);
    const text = `Rolled back: ${service} in ${environment} runs ${tag}, and Git, policy and workload have agreed for ${calm}.`;
    await offerPull(`${text} Commit ${written.commit.slice(0, 7)}.`, written, tools);
    return undefined;
  }
  const text = `${title}: ${endText(outcome)}`;
  if (way === 'pin' || outcome.state === 'unknown') {
    tools.reporter.warned(text);
    return undefined;
  }
  return (await tools.reporter.offer(`${text} A pin holds.`, 'Pin')) ? 'pin' : undefined;
}

/** A run may come some seconds after its interval, and its push is seen after the run: until then the tag has not stood the test. */
function hasRunSince(since: number, { folder, target }: Written['plan'], { fleet, facts }: World): boolean {
  const placement = findPlacement(fleet, target);
  const automations = facts.clusters.get(placement?.context ?? '')?.imageUpdateAutomations;
  const automation = findObject(automations, placement?.automation);
  if (automation?.lastRunAt === undefined || automation.isSuspended) return true;
  const clone = facts.repositories.find((one) => one.folder === folder);
  return automation.lastRunAt >= since && (clone === undefined || !isBehind(clone, facts.clusters.values()));
}

/** One interval of the automation; a minute where it is not known. */
function calmOf(placement: Placement | undefined, { facts }: World): number {
  const automations = facts.clusters.get(placement?.context ?? '')?.imageUpdateAutomations;
  return findObject(automations, placement?.automation)?.intervalMs ?? 60_000;
}
