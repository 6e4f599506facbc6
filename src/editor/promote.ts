// Promote: service, candidate, pre-flight, confirmation, one dispatch with an explicit tag, and the chain to the rollout.
import * as vscode from 'vscode';
import { systemClock } from '../base/clock';
import { applyDispatch } from '../changes/apply';
import type { DispatchPlan } from '../changes/plan';
import { planPromotion } from '../changes/planPromotion';
import { derivePreflight, type Preflight, type Verdict } from '../changes/preflight';
import type { PlacementId } from '../fleet/rows';
import { sourceOf } from '../fleet/rows';
import { formatTag } from '../fleet/tagParts';
import { formatAge } from '../model/duration';
import type { Placement } from '../model/fleet';
import { optional } from '../model/optional';
import { valueOf } from '../model/reading';
import type { PlacedForge } from '../sources/serviceRepository';
import { askPlacement } from './choose';
import { confirmProtected } from './confirmProtected';
import { afterWriting, endText, followChange } from './follow';
import { followRun, knownRuns, type StartedRun } from './followRun';
import { readAfresh } from './readAfresh';
import type { Reporter } from './report';
import { reportPromoted } from './reportPromoted';
import { signalOf } from './signals';
import type { World } from './world';

export interface PromotionTools {
  readonly world: World;
  readonly reporter: Reporter;
  /** The forge that has the service's repository. */
  readonly forgeOf: (image: string) => Promise<PlacedForge>;
  /** Asks Flux to scan the registry, and to fetch Git, for a placement; what may not be asked is left to the intervals. */
  readonly scanNow: (target: PlacementId, signal: AbortSignal) => Promise<void>;
  readonly fetchNow: (target: PlacementId, signal: AbortSignal) => Promise<void>;
}

const marks: Readonly<Record<Verdict, string>> = { passed: '✓', failed: '✗', unknown: '?' };

export async function promote(tools: PromotionTools, argument: unknown): Promise<void> {
  const { world, reporter } = tools;
  const target = await askPlacement(
    world.fleet,
    argument,
    'Promote: what goes to production',
    (placement) => sourceOf(world.fleet, placement) !== undefined,
  );
  if (target === undefined) return;
  const source = sourceOf(world.fleet, target);
  if (source === undefined) {
    reporter.refused({
      kind: 'refusal',
      reason: `${target.service} has no environment before ${target.environment} to promote from.`,
      wayOut: 'Order the environments in the setting fluxPromote.environments.',
    });
    return;
  }
  const tag = await askCandidate(source, target);
  if (tag === undefined) return;
  await readAfresh(world, 'Checking the promotion', { image: source.image, tag });
  const preflight = derivePreflight(world.fleet, world.facts, target, tag);
  if (preflight === undefined) {
    reporter.refused({
      kind: 'refusal',
      reason: `${target.service} is no longer in ${target.environment}, or in no environment before it.`,
      wayOut: 'Look at the Environments view again.',
    });
    return;
  }
  const plan = planPromotion(preflight, world.facts);
  if (plan.kind === 'refusal') {
    reporter.refused(plan);
    return;
  }
  if (!(await confirmPromotion(plan, preflight, world, reporter))) return;
  await dispatchAndFollow(plan, preflight.target, tools);
}

async function askCandidate(source: Placement, target: Placement): Promise<string | undefined> {
  const running = valueOf(source.running)?.tag;
  const promoted = new Set((valueOf(target.history) ?? []).map((change) => formatTag(change.to)));
  const tags = [running, ...(valueOf(source.history) ?? []).map((change) => change.to)];
  const items = [...new Set(tags)].flatMap((tag, index) => {
    if (tag === undefined) return [];
    const change = valueOf(source.history)?.find((one) => one.to === tag);
    const age = change === undefined ? '' : `, ${formatAge(Date.now() - change.commit.at)} ago`;
    const state = tag === running ? `running in ${source.environment}` : `was in ${source.environment}`;
    return [
      {
        label: tag,
        description: `${state}${age}${promoted.has(formatTag(tag)) ? ', promoted before' : ''}`,
        detail: index === 0 ? valueOf(source.running)?.digest : undefined,
      },
    ];
  });
  const options = {
    title: `Promote ${target.service} to ${target.environment}: which build`,
    placeHolder: `Builds of ${source.environment}, the running one first`,
    matchOnDescription: true,
  };
  const picked = await vscode.window.showQuickPick(
    items.slice(0, 20).map(({ detail, ...item }) => (detail === undefined ? item : { ...item, detail })),
    options,
  );
  return picked?.label;
}

async function confirmPromotion(
  plan: DispatchPlan,
  preflight: Preflight,
  world: World,
  reporter: Reporter,
): Promise<boolean> {
  const lines = preflight.lines.map((line) => `${marks[line.verdict]} ${line.text}`);
  if (!(await reporter.confirm(`${plan.title}?`, [...plan.summary.slice(0, 2), '', ...lines], 'Promote'))) return false;
  return confirmProtected(world, plan.target.environment);
}

async function dispatchAndFollow(plan: DispatchPlan, target: Placement, tools: PromotionTools): Promise<void> {
  const { world, reporter, forgeOf } = tools;
  const startedAt = Date.now();
  const options = { location: vscode.ProgressLocation.Notification, title: plan.title, cancellable: true };
  const looking = world.interest();
  try {
    const run = await vscode.window.withProgress(options, async (progress, token): Promise<StartedRun> => {
      const signal = signalOf(token);
      progress.report({ message: 'asking the workflow to start' });
      const before = knownRuns(world.facts, plan.image);
      const id = await applyDispatch(plan, (await forgeOf(plan.image)).writer, signal);
      return id === undefined ? { before } : { id };
    });
    const started = `${plan.title}: ${'id' in run ? `run ${run.id}` : `the workflow ${plan.workflow}`} was started.`;
    const outcome = await afterWriting(started, reporter, async () => {
      await vscode.window.withProgress(options, async (progress, token) => {
        const signal = signalOf(token);
        const say = (message: string): void => progress.report({ message });
        await followRun({ plan, run, world, say, clock: systemClock }, signal);
        await tools.scanNow(plan.target, signal);
      });
      return await followChange(world, {
        title: plan.title,
        target: plan.target,
        expectation: {
          tag: plan.target.tag,
          ...optional('from', valueOf(target.written)?.tag),
          ...optional('broughtBy', valueOf(target.history)?.[0]?.commit.hash),
          since: startedAt,
          calmMs: 0,
        },
        onWritten: (signal) => tools.fetchNow(plan.target, signal),
      });
    });
    if (outcome?.state === 'held') await reportPromoted(plan, world, reporter);
    else if (outcome !== undefined) reporter.warned(`${plan.title}: ${endText(outcome)}`);
  } finally {
    looking.dispose();
  }
}
