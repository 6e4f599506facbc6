// Repair: the edits that an explanation knows, as one commit that is looked at first.
import { planRepair } from '../changes/planRepair';
import { explain } from '../fleet/explain/explanation';
import type { PlacementId } from '../model/fleet';
import { agreePlan } from './agreePlan';
import { askPlacement, findPlacement } from './choose';
import { offerPull, type WriteTools, writePlan } from './writePlan';

export async function repair(tools: WriteTools, argument: unknown): Promise<void> {
  const { world, reporter } = tools;
  const chosen = await askPlacement(world.fleet, argument, 'Repair: which service', () => true);
  if (chosen === undefined) return;
  const target: PlacementId = { service: chosen.service, environment: chosen.environment };
  const plan = () => {
    const placement = findPlacement(world.fleet, target) ?? chosen;
    const { faults } = explain(world.facts, world.fleet, placement, Date.now());
    return planRepair(world.facts, placement, faults);
  };
  const first = plan();
  if (first.kind === 'refusal') {
    reporter.refused(first);
    return;
  }
  if (!(await agreePlan(first, tools))) return;
  const written = await writePlan({ plan: first }, plan, tools);
  if (written === undefined) return;
  await tools.fetchNow(target, new AbortController().signal);
  await offerPull(`${first.title}: commit ${written.commit.slice(0, 7)}.`, written, tools);
}
