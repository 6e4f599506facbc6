// Promote: services, candidates with their verdicts, pre-flight, one confirmation for all, and each followed to its rollout.
import { planPromotion, promotionInputs } from '../changes/planPromotion';
import { derivePreflight, type Preflight } from '../changes/preflight';
import type { OwnChanges } from '../changes/promotion/cloneLine';
import { formatTag } from '../fleet/tagParts';
import type { PlacementId } from '../model/fleet';
import { askCandidate, askTargets } from './askCandidate';
import { askInputs, askReason } from './askInputs';
import { findPlacement } from './choose';
import { confirmPromotions } from './confirmPromotions';
import { followDispatch, writePromotion } from './followPromotion';
import { readOwnChanges } from './ownChanges';
import type { Promotion, PromotionTools } from './promotionTools';
import { readAfresh } from './readAfresh';

export async function promote(tools: PromotionTools, argument: unknown): Promise<void> {
  const { world, reporter } = tools;
  const chosen = await askTargets(tools, argument);
  const builds = chosen.length === 1 ? await askCandidate(world, chosen) : chosen;
  if (builds.length === 0) return;
  for (const build of builds) await readAfresh(world, 'Checking the promotion', build);
  const checked = await Promise.all(builds.map((build) => checkBuild(build, tools)));
  const ready = checked.filter((preflight) => preflight !== undefined);
  const [first] = ready;
  if (first === undefined) return;
  const title =
    ready.length === 1
      ? `Promote ${first.target.service} to ${first.target.environment}: ${formatTag(first.candidate.tag)}`
      : `Promote ${ready.length} services`;
  const reason = await askReason(title);
  if (reason === undefined) return;
  const promotions: Promotion[] = [];
  for (const preflight of ready) {
    const inputs = await askInputs(preflight, promotionInputs(preflight, reason)?.open ?? [], tools);
    if (inputs === undefined) return;
    const intent = { reason, inputs };
    const plan = planPromotion(preflight, world.fleet, intent);
    if (plan.kind === 'refusal') reporter.refused(plan);
    else promotions.push({ preflight, intent, plan });
  }
  const agreed = await confirmPromotions(promotions, tools);
  // One service's trouble is not another's.
  const apart = async (one: Promotion, run: typeof followDispatch): Promise<void> => {
    try {
      await run(one, tools);
    } catch (error) {
      reporter.trouble(one.plan.title, error);
    }
  };
  // Runs go side by side; commits are agreed to one after the other, and wait for no run.
  const dispatches = agreed.filter(({ plan }) => plan.kind === 'dispatch').map((one) => apart(one, followDispatch));
  const commits = async (): Promise<void> => {
    for (const one of agreed.filter(({ plan }) => plan.kind === 'commit')) await apart(one, writePromotion);
  };
  await Promise.all([...dispatches, commits()]);
}

/** What is refused is said at once, before anybody is asked why. */
async function checkBuild(
  { tag, target }: { readonly tag: string; readonly target: PlacementId },
  tools: PromotionTools,
): Promise<Preflight | undefined> {
  const { world, reporter } = tools;
  const own = await readOwn(target, tools);
  const preflight = derivePreflight(world.fleet, world.facts, target, Date.now(), { tag, own });
  if (preflight === undefined) {
    reporter.refused({
      kind: 'refusal',
      reason: `${target.service} is no longer in ${target.environment}, or in no environment before it.`,
      wayOut: 'Look at the Environments view again.',
    });
    return undefined;
  }
  const plan = planPromotion(preflight, world.fleet, { reason: '', inputs: placeholders(preflight) });
  if (plan.kind !== 'refusal') return preflight;
  reporter.refused(plan);
  return undefined;
}

async function readOwn(target: PlacementId, { world, cloneOf }: PromotionTools): Promise<OwnChanges | undefined> {
  const folder = findPlacement(world.fleet, target)?.writtenAt?.folder;
  const repository = world.facts.repositories.find((one) => one.folder === folder);
  return repository && (await readOwnChanges(repository, cloneOf(repository.folder), new AbortController().signal));
}

/** What a person will be asked for stands open: it refuses nothing yet. */
function placeholders(preflight: Preflight): Readonly<Record<string, string>> {
  const open = promotionInputs(preflight, '')?.open ?? [];
  const any = { number: '0', boolean: 'false', choice: '', environment: '-', string: '-' };
  return Object.fromEntries(open.map(({ name, type, options }) => [name, options[0] ?? any[type]]));
}
