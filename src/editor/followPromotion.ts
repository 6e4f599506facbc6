// A promotion from its confirmation to the rollout: one run, exactly that one, or one commit; then the chain and the proof.
import * as vscode from 'vscode';
import { systemClock } from '../base/clock';
import { applyDispatch, type StartedRun } from '../changes/applyDispatch';
import type { CommitPlan, DispatchPlan } from '../changes/plan';
import { planPromotion } from '../changes/planPromotion';
import { derivePreflight, recheck } from '../changes/preflight';
import type { Placement, PlacementId } from '../model/fleet';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import { agreePlan } from './agreePlan';
import { askApproval } from './approveRun';
import { afterWriting, endText, followChange } from './follow';
import { followRun } from './followRun';
import type { Promotion, PromotionTools } from './promotionTools';
import { reportPromoted } from './reportPromoted';
import { signalOf } from './signals';
import { writePlan } from './writePlan';

const tailLines = 40;

export async function followDispatch({ plan, preflight, intent }: Promotion, tools: PromotionTools): Promise<void> {
  if (plan.kind !== 'dispatch') return;
  const { world, reporter, forgeOf } = tools;
  const looking = world.interest();
  try {
    if (plan.first !== undefined && !(await write(plan.first, { plan, preflight, intent }, tools))) return;
    const startedAt = Date.now();
    const refusal = recheck(preflight, world.fleet, world.facts, startedAt);
    if (refusal !== undefined) return reporter.refused(refusal);
    const options = { location: vscode.ProgressLocation.Notification, title: plan.title, cancellable: true };
    const forge = await forgeOf(plan.image);
    const run = await vscode.window.withProgress(options, (progress, token): Promise<StartedRun> => {
      progress.report({ message: 'asking the workflow to start' });
      return applyDispatch(plan, forge, signalOf(token));
    });
    const started = `${plan.title}: ${'id' in run ? `run ${run.id}` : `the workflow ${plan.workflow}`} was started.`;
    const outcome = await afterWriting(started, reporter, async () => {
      await vscode.window.withProgress(options, async (progress, token) => {
        const signal = signalOf(token);
        await followRun(
          {
            plan,
            run,
            world,
            say: (message) => progress.report({ message }),
            clock: systemClock,
            tail: (id, end) => forge.reader.logTail(forge.at, id, tailLines, end),
            onWaiting: (waiting) => {
              askApproval(plan.image, waiting, tools).catch((error: unknown) => reporter.trouble('Approve Run', error));
            },
          },
          signal,
        );
        await tools.scanNow(plan.target, signal);
      });
      return await followChange(world, {
        title: plan.title,
        target: plan.target,
        expectation: expectationOf(plan, preflight.target, startedAt),
        onWritten: (signal) => tools.fetchNow(plan.target, signal),
      });
    });
    if (outcome?.state === 'held') await reportPromoted(plan, world, reporter);
    else if (outcome !== undefined) reporter.warned(`${plan.title}: ${endText(outcome)}`);
  } finally {
    looking.dispose();
  }
}

/** The tag written by hand, or an exclusion lifted: one commit, previewed like every other. */
export async function writePromotion(promotion: Promotion, tools: PromotionTools): Promise<void> {
  const { plan, preflight } = promotion;
  if (plan.kind !== 'commit') return;
  const { world, reporter } = tools;
  const { target, source, candidate, way } = preflight;
  const looking = world.interest();
  try {
    const startedAt = Date.now();
    if (!(await write(plan, promotion, tools))) return;
    const outcome = await afterWriting(`${plan.title}: committed and pushed.`, reporter, () =>
      followChange(world, {
        title: plan.title,
        target: plan.target,
        expectation: {
          ...expectationOf(plan, target, startedAt),
          ...(way === 'commit' ? { by: 'hand' as const } : {}),
        },
        onWritten: (signal) => tools.fetchNow(plan.target, signal),
      }),
    );
    const ends = { image: target.image, title: plan.title, target: plan.target, source: { ...source, ...candidate } };
    if (outcome?.state === 'held') await reportPromoted(ends, world, reporter);
    else if (outcome !== undefined) reporter.warned(`${plan.title}: ${endText(outcome)}`);
  } finally {
    looking.dispose();
  }
}

async function write(plan: CommitPlan, { preflight, intent }: Promotion, tools: PromotionTools): Promise<boolean> {
  const { world } = tools;
  if (!(await agreePlan(plan, tools))) return false;
  const replan = () => {
    const { target, candidate } = preflight;
    const again = derivePreflight(world.fleet, world.facts, target, Date.now(), { tag: candidate.tag });
    const next = planPromotion(again ?? preflight, world.fleet, intent);
    return next.kind === 'dispatch' ? (next.first ?? plan) : next;
  };
  if ((await writePlan({ plan }, replan, tools)) === undefined) return false;
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: plan.title }, (_, token) =>
    tools.fetchNow(plan.target, signalOf(token)),
  );
  return true;
}

function expectationOf(
  { target }: { readonly target: DispatchPlan['target'] & PlacementId },
  { written, history }: Placement,
  since: number,
) {
  return {
    tag: target.tag,
    ...optional('from', valueOf(written)?.tag),
    ...optional('broughtBy', valueOf(history)?.[0]?.commit.hash),
    since,
    calmMs: 0,
  };
}
