// Repair: the edits that an explanation knows, as one commit that is looked at first.
import { planRepair } from '../changes/planRepair';
import { explain, type LinkFault } from '../fleet/explain/explanation';
import type { PlacementId } from '../model/fleet';
import { agreePlan } from './agreePlan';
import { askPlacement, findPlacement } from './choose';
import { type FileHistory, hear, historyWitnesses } from './witnesses';
import { offerPull, type WriteTools, writePlan } from './writePlan';

export interface RepairTools extends WriteTools {
  readonly history: FileHistory;
}

export async function repair(tools: RepairTools, argument: unknown): Promise<void> {
  const { world, reporter, history } = tools;
  const chosen = await askPlacement(world.fleet, argument, 'Repair: which service', () => true);
  if (chosen === undefined) return;
  const target: PlacementId = { service: chosen.service, environment: chosen.environment };
  const now = () => findPlacement(world.fleet, target) ?? chosen;
  const glance = () => explain(world.facts, world.fleet, now(), Date.now());
  // Which commit to undo only the history tells; that it is still so is planned anew on every tip.
  const { signal } = new AbortController();
  const heard = await hear(glance(), historyWitnesses(history, now(), signal));
  const plan = () =>
    planRepair(
      world.facts,
      now(),
      glance().faults.map((fault) => heardOf(fault, heard.faults)),
    );
  const first = plan();
  if (first.kind === 'refusal') {
    reporter.refused(first);
    return;
  }
  if (!(await agreePlan(first, tools))) return;
  const written = await writePlan({ plan: first }, plan, tools);
  if (written === undefined) return;
  await tools.fetchNow(target, signal);
  await offerPull(`${first.title}: commit ${written.commit.slice(0, 7)}.`, written, tools);
}

function heardOf(fault: LinkFault, heard: readonly LinkFault[]): LinkFault {
  const same = heard.find(({ code, text }) => code === fault.code && text === fault.text);
  return fault.repair === undefined && same?.repair !== undefined ? same : fault;
}
